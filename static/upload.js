// Uploads each file when it is chosen; without this they go with the form.
"use strict";

(() => {
  const field = document.querySelector("[data-upload]");
  const form = field?.closest("form");
  if (!form) return;

  const input = field.querySelector("input[type=file]");
  const list = field.querySelector(".pages");
  const drop = field.querySelector(".drop");
  const news = field.querySelector("[data-news]");
  const choose = field.querySelector("[data-choose]");
  const camera = field.querySelector("[data-camera]");
  const files = new Map(); // by row, until it has arrived
  const queue = [];
  let preparing = 0; // files that are being made smaller
  let sending = null;
  let request;
  let saveWith = null; // the button, pressed too early
  let placing = null; // whose place the next file takes

  const say = (key, values = {}) => {
    news.textContent = news.dataset[key].replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  };
  const nameOf = (row) => row.querySelector(".name").textContent;
  const show = (row, part, on) => { row.querySelector(part).hidden = !on; };
  const tenths = new Intl.NumberFormat(
    document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const size = (bytes) => bytes < 1048576
    ? field.dataset.kb.replace("#", Math.max(1, Math.round(bytes / 1024)))
    : field.dataset.mb.replace("#", tenths.format(bytes / 1048576));

  // A phone's photo is often larger than what is taken, and as easy to read with fewer dots.
  const smaller = async (file) => {
    if (file.size <= field.dataset.max || !/^image\/(jpeg|png)$/.test(file.type)) return file;
    try {
      const photo = await createImageBitmap(file);
      for (const longest of [3000, 2000]) {
        const scale = Math.min(1, longest / Math.max(photo.width, photo.height));
        const canvas = document.createElement("canvas");
        canvas.width = Math.round(photo.width * scale);
        canvas.height = Math.round(photo.height * scale);
        const ink = canvas.getContext("2d");
        ink.fillStyle = "#fff"; // where a PNG is transparent
        ink.fillRect(0, 0, canvas.width, canvas.height);
        ink.drawImage(photo, 0, 0, canvas.width, canvas.height);
        const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", .85); });
        if (blob && blob.size <= field.dataset.max) {
          return new File([blob], file.name.replace(/(\.\w+)?$/, ".jpg"), { type: blob.type });
        }
      }
    } catch { /* Not a picture after all: the server says so. */ }
    return file;
  };

  const add = (file) => {
    const row = field.querySelector("template").content.firstElementChild.cloneNode(true);
    row.querySelector(".name").textContent = file.name;
    row.querySelector(".page-size").textContent = size(file.size);
    const image = Object.assign(new Image(), { alt: "", hidden: true });
    row.querySelector(".thumb").append(image);
    image.onload = () => { image.hidden = false; };
    if (file.type.startsWith("image/")) image.src = URL.createObjectURL(file);
    files.set(row, file);
    if (placing?.isConnected) {
      forget(placing);
      placing.replaceWith(row);
    } else list.append(row);
    placing = null;
    dressed();
    if (file.size > field.dataset.max) fail(row, news.dataset.large, "no");
    else queue.push(row);
  };

  const next = () => {
    if (sending) return;
    const row = queue.shift();
    if (!row && preparing) return;
    if (!row) settled();
    else if (files.has(row)) send(row);
    else next();
  };

  const parts = (name, value) => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set(name, value);
    return data;
  };

  const send = (row) => {
    const file = files.get(row);
    const bar = row.querySelector("progress");
    request = new XMLHttpRequest();
    sending = row;
    delete row.dataset.failed;
    show(row, ".page-problem", false);
    show(row, "[data-do=again]", false);
    show(row, ".page-progress", true);
    say("sending", { file: file.name });
    request.upload.onprogress = (event) => {
      bar.value = Math.round(100 * event.loaded / event.total);
      row.querySelector(".page-percent").textContent = `${bar.value} %`;
    };
    request.onloadend = () => {
      sending = null;
      arrived(row, request.status, request.responseText);
      next();
    };
    request.open("POST", field.dataset.upload);
    request.timeout = 180000;
    request.send(parts("file", file));
  };

  const arrived = (row, status, text) => {
    if (!files.has(row)) return; // removed meanwhile
    const answer = new DOMParser().parseFromString(text, "text/html");
    const kept = status === 200 && answer.querySelector("[data-page]");
    if (kept) {
      const hadFocus = row.contains(document.activeElement);
      kept.querySelector(".thumb").replaceWith(row.querySelector(".thumb"));
      files.delete(row);
      row.replaceWith(kept);
      dressed();
      if (hadFocus) kept.focus();
      say("done", { file: nameOf(kept) });
      const doubt = kept.querySelector(".page-doubt p");
      if (doubt) {
        news.textContent += ` ${doubt.textContent}`;
        saveWith = null;
      }
    } else if (status === 422) {
      fail(row, text, "no");
    } else {
      const { away, failed } = news.dataset;
      fail(row, status && status < 500 ? away : failed, "again");
    }
  };

  const fail = (row, text, again) => {
    row.querySelector(".page-problem").textContent = text;
    show(row, ".page-problem", true);
    show(row, ".page-progress", false);
    show(row, "[data-do=again]", again === "again");
    row.dataset.failed = again;
    saveWith = null;
    news.textContent = `${nameOf(row)}: ${text}`;
  };

  const forget = (row) => {
    files.delete(row);
    if (sending === row) request.abort();
    if (!row.dataset.page) return;
    const body = parts("remove", row.dataset.page);
    fetch(field.dataset.upload, { method: "POST", body }).catch(() => {});
  };

  const dressed = () => {
    for (const row of list.children) {
      row.dataset.turned = row.querySelector("select")?.value ?? "0";
      row.tabIndex = -1;
    }
    choose.firstChild.textContent = list.children.length ? choose.dataset.more : words;
  };
  const words = choose.textContent;

  const take = async (chosen) => {
    const all = [...chosen];
    preparing += all.length;
    for (const file of all) {
      add(await smaller(file));
      preparing -= 1;
    }
    next();
  };

  const does = {
    again: (row) => {
      queue.push(row);
      next();
    },
    accept: (row) => {
      row.querySelector(".page-doubt").remove();
      row.focus();
    },
    replace: (row) => { placing = row; input.click(); },
    remove: (row) => {
      const after = row.nextElementSibling ?? row.previousElementSibling;
      forget(row);
      row.remove();
      say("removed", { file: nameOf(row) });
      dressed();
      (after ?? choose).focus();
    },
    turn: (row) => {
      const select = row.querySelector("select");
      select.value = String((Number(select.value) + 90) % 360);
      dressed();
      say("turned", { file: nameOf(row), degrees: select.value });
    },
    up: (row) => row.previousElementSibling.before(row),
    down: (row) => row.nextElementSibling.after(row),
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    const row = button?.closest(".page");
    if (!row) return;
    does[button.dataset.do](row);
    if (!/up|down/.test(button.dataset.do)) return;
    (button.checkVisibility?.() ? button : row).focus();
    say("moved", { file: nameOf(row), place: [...list.children].indexOf(row) + 1 });
  });
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  input.addEventListener("cancel", () => { placing = null; });
  choose.addEventListener("click", () => { placing = null; input.click(); });

  // Outside of the form, whose field it is not.
  camera.hidden = !matchMedia("(pointer: coarse)").matches;
  camera.addEventListener("click", () => {
    const lens = document.createElement("input");
    Object.assign(lens, { type: "file", accept: "image/*", hidden: true });
    lens.setAttribute("capture", "environment");
    lens.addEventListener("change", () => { take(lens.files); lens.remove(); });
    document.body.append(lens);
    placing = null;
    lens.click();
  });

  for (const kind of ["dragover", "dragleave", "drop"]) {
    // Beside the zone a dropped file would take the place of the page.
    window.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const over = drop.contains(event.target);
      drop.classList.toggle("drop-over", over && kind === "dragover");
      if (over && kind === "drop") take(event.dataTransfer.files);
    });
  }

  window.addEventListener("online", () => {
    list.querySelectorAll("[data-failed=again]").forEach(does.again);
  });

  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction") || !(files.size || preparing)) return;
    event.preventDefault();
    event.stopPropagation();
    if (preparing || sending || queue.length) {
      saveWith = event.submitter;
      say("waiting");
    } else {
      say("unfinished");
      list.querySelector("[data-failed]").focus();
    }
  });

  const settled = () => {
    const button = saveWith;
    saveWith = null;
    if (button) form.requestSubmit(button);
  };

  field.classList.add("upload-live");
  field.querySelector(".drop-tools").hidden = false;
  // Links to the field lead to the button.
  input.id = "file-input";
  choose.id = "file";
  choose.setAttribute("aria-labelledby", "file file-label");
  dressed();
})();
