#!/usr/bin/env python3
"""Makes the pictures of this folder: python3 make.py (Pillow 11.3 or later)."""

import pathlib

from PIL import Image, ImageCms

FOLDER = pathlib.Path(__file__).parent


def slopes(mode):
    """Red grows to the right, green downwards, alpha to the left."""
    picture = Image.new(mode, (48, 32))
    for y in range(picture.height):
        for x in range(picture.width):
            colour = (x * 5, y * 8, 100, 255 - x * 5)
            picture.putpixel((x, y), colour[: len(mode)])
    return picture


def save(name, picture, **options):
    picture.save(FOLDER / f"{name}.avif", quality=90, subsampling="4:4:4", speed=4, **options)


def main():
    rgb = slopes("RGB")
    save("plain", rgb)
    save("alpha", slopes("RGBA"))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    save("profile", rgb, icc_profile=profile)
    save("animated", rgb, save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)], duration=100)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"orientation{orientation}", rgb, exif=exif)


main()
