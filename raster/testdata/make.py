#!/usr/bin/env python3
"""Makes the WebP files of this folder, which Go cannot write. Needs Pillow 11 or later.

The picture is 24x16: red, green / blue, white in its quarters.
"""
from PIL import Image

W, H = 24, 16
COLORS = {(0, 0): (255, 0, 0), (1, 0): (0, 255, 0), (0, 1): (0, 0, 255), (1, 1): (255, 255, 255)}


def picture(mode="RGB"):
    im = Image.new("RGB", (W, H))
    for y in range(H):
        for x in range(W):
            im.putpixel((x, y), COLORS[(x * 2 // W, y * 2 // H)])
    return im.convert(mode)


def exif(orientation):
    e = Image.Exif()
    e[0x0112] = orientation
    return e


picture().save("lossless.webp", lossless=True)
picture().save("lossy.webp", quality=90)
alpha = picture("RGBA")
alpha.putalpha(Image.linear_gradient("L").resize((W, H)))
alpha.save("alpha.webp", quality=90)
picture().save("orientation6.webp", lossless=True, exif=exif(6))
frames = [picture("RGBA"), picture("RGBA").rotate(180)]
frames[0].save("animated.webp", save_all=True, append_images=frames[1:], lossless=True, duration=100)
alpha.save("animated-alpha.webp", save_all=True, append_images=frames[1:], quality=90, duration=100)
