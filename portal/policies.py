"""What a browser is told that a page of ours may do. The same everywhere: it knows neither the
installation nor the request; who gets the admin's policy is ``portal.middleware``'s to say.
"""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

# Of what a browser can do, pages use passkeys and nothing else.
PERMISSIONS = {
    "publickey-credentials-create": "self",
    "publickey-credentials-get": "self",
    **dict.fromkeys(
        (
            *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read"),
            *("display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope"),
            *("hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi"),
            *("payment", "picture-in-picture", "screen-wake-lock", "serial", "usb"),
            "xr-spatial-tracking",
        ),
        "",
    ),
}

CONTENT = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # blob: is the preview of a file that has not left the browser.
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# The admin's theme is driven by Alpine, which compiles the expressions in its attributes, and
# brings its colours in a style element. Added for /admin/ alone.
ADMIN = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
