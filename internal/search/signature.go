package search

// signature sums up the words of an image: a bit for each beginning of each word. An
// image that has not all bits of what is looked for does not have it; most of those
// that have them do. It saves the look at nearly all texts.
type signature uint64

// sign returns the signature of words. That of a part of a word that can be found is
// a part of that of the word.
func sign(words []string) signature {
	var s signature
	for _, word := range words {
		if classOf(firstRune(word)) == spaced {
			s |= signBeginnings(word)
		} else {
			s |= signRunes(word)
		}
	}
	return s
}

// signBeginnings covers those of 1, 2 and 4 bytes.
func signBeginnings(word string) signature {
	var s signature
	for n := 1; n <= 4 && n <= len(word); n *= 2 {
		hash := uint64(n)
		for i := range n {
			hash = (hash + uint64(word[i])) * mix
		}
		s |= bit(hash)
	}
	return s
}

// signRunes covers every character, since any of them may be looked for.
func signRunes(word string) signature {
	var s signature
	for _, r := range word {
		s |= bit(uint64(r) * mix)
	}
	return s
}

// mix is 2⁶⁴ divided by the golden ratio (Knuth, The Art of Computer Programming,
// volume 3, section 6.4): the top bits of products with it are spread well.
const mix = 0x9e3779b97f4a7c15

func bit(hash uint64) signature { return 1 << (hash >> 58) }
