//go:build !amd64

package inflate

// adlerSums is adlerSumsPlain where there is no faster twin.
func adlerSums(block []byte) (sum, weighted uint64) { return adlerSumsPlain(block) }
