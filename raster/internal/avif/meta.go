package avif

import (
	"errors"
	"fmt"
	"slices"
)

// meta is the header of a file (ISO/IEC 14496-12, 8.11, and 23008-12).
type meta struct {
	primary    uint32
	items      map[uint32]*item
	properties []property // of all items
	inside     []byte     // data that the header itself holds
}

type item struct {
	kind       string
	fromInside bool     // extents are those of meta.inside
	unreadable bool     // by a construction that nobody uses
	extents    []extent // in the file
	properties []int    // indices, from 1 as the file counts
}

type extent struct{ offset, length uint64 }

type property struct {
	kind string
	body cursor
}

// maxItems stops headers that would make millions of items of 4 MiB. A picture of
// tiles has some hundreds.
const maxItems = 1 << 12

var errDamaged = errors.New("the header of the AVIF is damaged")

func parseMeta(body []byte) (*meta, error) {
	m := &meta{items: map[uint32]*item{}}
	c := cursor{data: body}
	c.versioned()
	seen := map[string]bool{}
	for {
		kind, inner, ok := c.box()
		if !ok {
			break
		}
		if seen[kind] && kind != "free" && kind != "skip" {
			return nil, fmt.Errorf("%w: it has two boxes %q", errDamaged, kind)
		}
		seen[kind] = true
		if m.parse(kind, &inner); inner.failed {
			return nil, fmt.Errorf("%w: in box %q", errDamaged, kind)
		}
	}
	if c.failed {
		return nil, errDamaged
	}
	return m, nil
}

func (m *meta) parse(kind string, c *cursor) {
	switch kind {
	case "pitm":
		version, _ := c.versioned()
		m.primary = id(c, version > 0)
	case "iinf":
		m.parseInfos(c)
	case "iloc":
		m.parseLocations(c)
	case "iprp":
		m.parseProperties(c)
	case "idat":
		m.inside = c.data
	}
}

// id reads the number of an item.
func id(c *cursor, long bool) uint32 {
	if long {
		return uint32(c.number(4))
	}
	return uint32(c.number(2))
}

// item returns the item of a number, which is made if need be.
func (m *meta) item(c *cursor, id uint32) *item {
	it := m.items[id]
	if it == nil {
		it = &item{}
		m.items[id] = it
	}
	if len(m.items) > maxItems {
		c.failed = true
	}
	return it
}

// parseInfos reads an ItemInfoBox.
func (m *meta) parseInfos(c *cursor) {
	version, _ := c.versioned()
	id(c, version > 0) // how many there are
	for {
		kind, inner, ok := c.box()
		if !ok || c.failed {
			return
		}
		if kind == "infe" {
			m.parseInfo(&inner)
			c.failed = c.failed || inner.failed
		}
	}
}

func (m *meta) parseInfo(c *cursor) {
	version, _ := c.versioned()
	if version < 2 {
		return // has no kind
	}
	it := m.item(c, id(c, version > 2))
	c.number(2) // protection
	it.kind = string(c.take(4))
}

// parseLocations reads an ItemLocationBox.
func (m *meta) parseLocations(c *cursor) {
	version, _ := c.versioned()
	sizes := c.number(2)
	offset, length, base, index := int(sizes>>12&15), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		index = 0
	}
	if max(offset, length, base, index) > 8 {
		c.failed = true
	}
	for n := id(c, version > 1); n > 0 && !c.failed; n-- {
		it := m.item(c, id(c, version > 1))
		method := uint64(0)
		if version > 0 {
			method = c.number(2) & 15
		}
		it.fromInside, it.unreadable = method == 1, method > 1
		c.number(2) // which file: this one
		start := c.number(base)
		for extents := c.number(2); extents > 0 && !c.failed; extents-- {
			c.number(index)
			from := start + c.number(offset)
			it.extents = append(it.extents, extent{from, c.number(length)})
		}
	}
}

// parseProperties reads an ItemPropertiesBox.
func (m *meta) parseProperties(c *cursor) {
	for {
		kind, inner, ok := c.box()
		if !ok || c.failed {
			return
		}
		switch kind {
		case "ipco":
			m.parseContainer(&inner)
		case "ipma":
			m.parseAssociations(&inner)
		}
		c.failed = c.failed || inner.failed
	}
}

func (m *meta) parseContainer(c *cursor) {
	for {
		kind, body, ok := c.box()
		if !ok {
			return
		}
		m.properties = append(m.properties, property{kind, body})
	}
}

func (m *meta) parseAssociations(c *cursor) {
	version, flags := c.versioned()
	size := 1 + int(flags&1)
	for n := c.number(4); n > 0 && !c.failed; n-- {
		it := m.item(c, id(c, version > 0))
		for associations := c.number(1); associations > 0; associations-- {
			index := int(c.number(size)) & (1<<(8*size-1) - 1) // without the bit "essential"
			it.properties = append(it.properties, index)
		}
	}
}

// property returns the first property of a kind that an item has.
func (m *meta) property(it *item, kind string) (cursor, bool) {
	for _, index := range it.properties {
		if index >= 1 && index <= len(m.properties) && m.properties[index-1].kind == kind {
			return m.properties[index-1].body, true
		}
	}
	return cursor{}, false
}

// maxSide is what the decoder takes; AV1 itself has 16 bits.
const maxSide = 1 << 15

func (m *meta) config() (Config, error) {
	primary := m.items[m.primary]
	if primary == nil {
		return Config{}, fmt.Errorf("%w: it names no picture", errDamaged)
	}
	if primary.kind != "av01" && primary.kind != "grid" {
		return Config{}, fmt.Errorf("%w: its picture is of kind %q", ErrUnsupported, primary.kind)
	}
	size, ok := m.property(primary, "ispe")
	size.versioned()
	width, height := size.number(4), size.number(4)
	if !ok || size.failed || width == 0 || height == 0 {
		return Config{}, fmt.Errorf("%w: it tells no size", errDamaged)
	}
	if max(width, height) > maxSide {
		return Config{}, fmt.Errorf("%w: its size is %d×%d", ErrUnsupported, width, height)
	}
	c := Config{Width: int(width), Height: int(height), Orientation: m.orientation(primary), Depth: m.depth()}
	m.readColors(primary, &c)
	c.Alpha = m.hasAuxiliary()
	return c, nil
}

// hasAuxiliary reports whether any item is alpha or the like (ISO/IEC 23008-12,
// 6.5.8).
func (m *meta) hasAuxiliary() bool {
	return slices.ContainsFunc(m.properties, func(p property) bool { return p.kind == "auxC" })
}

// orientation is of the rotation and then of the mirroring (ISO/IEC 23008-12, 6.5.10
// and 6.5.12; MIAF sets the order).
func (m *meta) orientation(it *item) int {
	angle, _ := m.property(it, "irot")
	mirror, mirrored := m.property(it, "imir")
	quarters := angle.number(1) & 3 // anti-clockwise
	switch axis := mirror.number(1) & 1; {
	case !mirrored:
		return [...]int{1, 8, 3, 6}[quarters]
	case axis == 0: // top and bottom change places
		return [...]int{4, 5, 2, 7}[quarters]
	default: // left and right
		return [...]int{2, 7, 4, 5}[quarters]
	}
}

// depth is the largest of any coded picture, by its configuration (AV1 Codec ISO
// Media File Format Binding, 2.3.3).
func (m *meta) depth() int {
	depth := 8
	for _, p := range m.properties {
		if p.kind != "av1C" {
			continue
		}
		c := p.body
		c.number(2)
		switch bits := c.number(1); {
		case bits&0x60 == 0x60:
			depth = max(depth, 12)
		case bits&0x40 != 0:
			depth = max(depth, 10)
		}
	}
	return depth
}

// readColors reads the colour information, of which there may be two (ISO/IEC
// 14496-12, 12.1.5).
func (m *meta) readColors(it *item, c *Config) {
	for _, index := range slices.Compact(slices.Sorted(slices.Values(it.properties))) {
		if index < 1 || index > len(m.properties) || m.properties[index-1].kind != "colr" {
			continue
		}
		colors := m.properties[index-1].body
		switch string(colors.take(4)) {
		case "prof", "rICC":
			c.Profile = colors.data
		case "nclx":
			c.Primaries, c.Transfer = uint16(colors.number(2)), uint16(colors.number(2))
		}
	}
}
