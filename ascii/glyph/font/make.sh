#!/bin/sh
# Makes the font that charcoal measures its characters by: a subset of DejaVu
# Sans Mono. Needs Debian's fonts-dejavu-core (2.37) and fonttools (4.68).
# DejaVu's licence, in LICENSE here, lets anybody change and pass on the font.
set -eu
cd "$(dirname "$0")"
# ASCII and Latin-1, arrows, box drawing, block elements, geometric shapes.
pyftsubset "${1:-/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf}" \
	--unicodes=U+0020-007E,U+00A0-00FF,U+2190-21FF,U+2500-25FF \
	--output-file=DejaVuSansMono.subset.ttf \
	--layout-features= --no-hinting --drop-tables+=GSUB,GPOS,GDEF --name-IDs=0,1,2,5,13,14 --no-recalc-timestamp
