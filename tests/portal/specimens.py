"""Files that people upload, good and bad, made in code. Each function gives the bytes of one."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw, PngImagePlugin

Change = Callable[[pikepdf.Pdf], None]


@cache
def picture(width: int = 600, height: int = 400) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for line in range(0, height, 25):
        draw.text((20, line), f"Line {line} of a document that can be read", fill="black")
    draw.rectangle((width // 2, height // 2, width - 5, height - 5), outline="red", width=4)
    return image


def png(image: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (image or picture()).save(out, "PNG", **options)  # type: ignore[arg-type]
    return out.getvalue()


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (image or picture()).save(out, "JPEG", **options)  # type: ignore[arg-type]
    return out.getvalue()


def pdf(*, pages: int = 1, change: Change | None = None, **options: object) -> bytes:
    """A PDF with a line of text on each page."""
    document = pikepdf.new()
    font = document.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    for number in range(pages):
        content = document.make_stream(f"BT /F1 24 Tf 72 720 Td (Page {number}) Tj ET".encode())
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, 595, 842]),
            Contents=content,
            Resources=Dictionary(Font=Dictionary(F1=font)),
        )
        document.pages.append(pikepdf.Page(document.make_indirect(page)))
    if change:
        change(document)
    out = io.BytesIO()
    # The same whenever it is made, which an encrypted one cannot be.
    options.setdefault("deterministic_id", "encryption" not in options)
    document.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def encrypted_pdf(user: str) -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="owner", user=user))


def script(document: pikepdf.Pdf) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def opens_with_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = document.make_indirect(script(document))


def opens_with_direct_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = script(document)


def opens_first_page(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])


def has_named_script(document: pikepdf.Pdf) -> None:
    names = Dictionary(Names=Array([pikepdf.String("go"), script(document)]))
    document.Root.Names = Dictionary(JavaScript=names)


def has_attachment(document: pikepdf.Pdf) -> None:
    document.attachments["invoice.exe"] = b"MZ\x90\x00"


def launches(document: pikepdf.Pdf) -> None:
    action = Dictionary(S=Name.Launch, F=pikepdf.String("cmd.exe"))
    document.Root.OpenAction = document.make_indirect(action)


def page_runs_script(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=document.make_indirect(script(document)))


def annotation(document: pikepdf.Pdf, action: Dictionary) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    document.pages[0].obj.Annots = Array([document.make_indirect(link)])


def link_runs_script(document: pikepdf.Pdf) -> None:
    annotation(document, script(document))


def link_leads_to_the_web(document: pikepdf.Pdf) -> None:
    annotation(document, Dictionary(S=Name.URI, URI=pikepdf.String("https://example.com")))


def sends_a_form(document: pikepdf.Pdf) -> None:
    annotation(document, Dictionary(S=Name.SubmitForm, F=pikepdf.String("https://example.com")))


def has_xfa(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


def nests_deeply(document: pikepdf.Pdf) -> None:
    thing = Array([])
    for _ in range(80):
        thing = Array([thing])
    document.Root.Deep = thing


def hides_script_in_arrays(document: pikepdf.Pdf) -> None:
    document.Root.Odd = Array([Array([Dictionary(Inner=script(document))])])


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, data: bytes, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *more,
            chunk(b"IDAT", data),
            chunk(b"IEND", b""),
        ]
    )


def png_bomb() -> bytes:
    """Nine gigabytes of black in some bytes."""
    return png_of(50_000, 50_000, zlib.compress(b"\x00" * 1_000_000))


def png_text_bomb() -> bytes:
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"a" * 180_000_000, 9))
    return png_of(200, 200, zlib.compress(b"\x00" * (200 * 601)), text)


def png_profile_bomb() -> bytes:
    profile = chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(b"a" * 180_000_000, 9))
    return png_of(200, 200, zlib.compress(b"\x00" * (200 * 601)), profile)


def animated_png() -> bytes:
    return png(save_all=True, append_images=[Image.new("RGB", (600, 400), "black")])


def png_with_texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ada Canary")
    texts.add_itxt("Place", "Canary Wharf")
    return png(pnginfo=texts, dpi=(300, 300))


def jpeg_with_place(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Canary Camera"
    exif.get_ifd(0x8825)[1] = "N"
    profile = b"a colour profile, as far as a JPEG is concerned"
    return jpeg(exif=exif.tobytes(), comment=b"Canary comment", icc_profile=profile)


def phone_photo() -> bytes:
    """Two pictures in one JPEG, as many phones write them."""
    out = io.BytesIO()
    picture().save(out, "MPO", save_all=True, append_images=[picture(300, 200)])
    return out.getvalue()


def zip_with(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def pdf_without_pages() -> bytes:
    return pdf(pages=0)


def pdf_with_stream_bomb() -> bytes:
    """A content stream of 300 MB, a third of a megabyte as it travels."""

    def change(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"")
        stream.write(zlib.compress(b" " * 300_000_000, 9), filter=Name.FlateDecode)
        document.pages[0].obj.Contents = stream

    return pdf(change=change)


def pdf_with_object_bomb() -> bytes:
    """An object stream that unfolds to more than the memory that the reading program has."""
    squeeze = zlib.compressobj(1)
    packed = squeeze.compress(b"1 0 << /Type /Catalog >>")
    packed += b"".join(squeeze.compress(b" " * 1_000_000) for _ in range(1_100)) + squeeze.flush()
    objects = (
        b"2 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >> stream\n"
        % len(packed)
    )
    body = b"%PDF-1.5\n" + objects + packed + b"\nendstream endobj\n"
    table = struct.pack(">BHB", 0, 0, 0) + struct.pack(">BHB", 2, 2, 0)
    table += struct.pack(">BHB", 1, 9, 0)
    start = len(body)
    body += b"3 0 obj << /Type /XRef /Size 3 /W [1 2 1] /Root 1 0 R /Length %d >> stream\n" % len(
        table
    )
    return body + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % start


def pdf_with_page_loop() -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        pages = document.Root.Pages
        pages.Kids = Array([pages])
        pages.Count = 2**31 - 1

    return pdf(change=change)


def heic(image: Image.Image | None = None, **options: object) -> bytes:
    """As an iPhone takes it."""
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(image or picture()).save(out, format="HEIF", **options)
    return out.getvalue()
