#!/bin/sh
# Makes the font that charcoal measures its characters by: a subset of DejaVu
# Sans Mono. Needs Debian's fonts-dejavu-core (2.37) and fonttools (4.68).
# DejaVu's licence, in LICENSE here, lets anybody change and pass on the font.
set -eu
cd "$(dirname "$0")"
# ASCII, Latin with its extension A, Greek, Cyrillic, punctuation, currency, arrows,
# mathematics, box drawing, block elements, geometric shapes, and the symbols of
# code page 437.
pyftsubset "${1:-/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf}" \
	--unicodes=U+0020-007E,U+00A0-017F,U+0192,U+0370-03FF,U+0400-045F,U+2010-2027,U+2030-205E,U+207F,U+20A0-20BF,U+2190-21FF,U+2200-22FF,U+2302,U+2310,U+2320,U+2321,U+2500-25FF,U+2600-266F \
	--output-file=DejaVuSansMono.subset.ttf \
	--layout-features= --no-hinting --drop-tables+=GSUB,GPOS,GDEF --name-IDs=0,1,2,5,13,14 --no-recalc-timestamp
