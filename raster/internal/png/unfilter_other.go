//go:build !amd64

package png

func unfilterPaeth(cur, up, raw []byte, bpp int) { unfilterPaethPlain(cur, up, raw, bpp) }
