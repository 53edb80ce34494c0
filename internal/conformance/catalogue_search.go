package conformance

import (
	"fmt"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func searchTests() []libraryTest {
	return []libraryTest{
		{"a text finds words by their beginning, in any language", testSearchText},
		{"a text is text, whatever is in it", testSearchHostileText},
		{"nobody finds what they may not see", testSearchAccess},
		{"the bin is found by who may, when asked for", testSearchBin},
		{"changes are found at once", testSearchFollows},
		{"images that look alike are found, the most alike first", testSearchSimilar},
		{"pages go on where the one before ended", testPagesWhileAdding},
		{"a cursor belongs to its search", testCursorOfAnotherSearch},
		{"what a search cannot mean is refused", testSearchRefused},
		{"every filter in every order finds what it should", testSearchModel},
	}
}

// admin finds everything.
func admin() charcoal.Actor {
	return charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}
}

func user(id charcoal.ID) charcoal.Actor {
	return charcoal.Actor{User: id, Role: charcoal.RoleUser, Scopes: charcoal.Scopes()}
}

// stored uploads an image after a change to it.
func stored(t *testing.T, l Library, change func(*charcoal.Image)) charcoal.Image {
	t.Helper()
	img, r := newUpload(noon())
	img.Filename, img.Title, img.Tags = "", "", nil
	change(&img)
	r.Owner = img.Owner
	commit(t, l, img, r)
	return img
}

// found are the ids that a search finds on its first page, which is the whole.
func found(t *testing.T, l Library, q charcoal.Query) []charcoal.ID {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = charcoal.MaxPage
	}
	page, err := l.Search(t.Context(), q)
	noError(t, "search", err)
	equal(t, "next page", page.Next, "")
	return idsOf(page.Images)
}

func idsOf(images []charcoal.Image) []charcoal.ID {
	ids := make([]charcoal.ID, len(images))
	for i := range images {
		ids[i] = images[i].ID
	}
	return ids
}

func testSearchText(t *testing.T, l Library) {
	for _, tt := range []struct {
		name, title string
		tags        []string
		finds, not  []string
	}{
		{"IMG_20240312_Kätzchen.JPG", "", nil, []string{"kätz", "KATZCHEN", "img 2024", "2024 img", "jpg"}, []string{"ätzchen", "g_2", "img 2025"}},
		{"黒猫の写真.png", "", nil, []string{"猫", "黒猫", "写真", "png", "猫 写真"}, []string{"犬", "猫png犬", "ng"}},
		{"a.png", "Ελληνική γάτα στους δρόμους", nil, []string{"γατα", "ΔΡΌΜΟΥΣ", "δρόμουσ"}, []string{"ατα"}},
		{"b.png", "รูปแมวสีดำ", nil, []string{"แมว"}, []string{"หมา"}},
		{"c.png", "고양이 사진", nil, []string{"고양", "사진"}, []string{"양이"}},
		{"d.png", "кошка Ёлка", nil, []string{"кош", "елка", "ЁЛ"}, []string{"ошка"}},
		{"e.png", "", []string{"sunset over water", "été"}, []string{"sunset", "wat", "ete", "over sunset"}, []string{"ater"}},
		{"ｆｕｌｌ.png", "ﬁne カメラー", nil, []string{"full", "fine", "ｶﾒﾗ", "カメラー"}, []string{"ull"}},
		{"f.png", "party 🎉🐱", nil, []string{"🐱", "🎉 party"}, []string{"🐶"}},
		{"g.png", "बिल्ली की तस्वीर", nil, []string{"बिल्ली", "तस्"}, []string{"ल्ली"}},
		{"h.png", "قطة سوداء", nil, []string{"قط", "سوداء"}, []string{"طة"}},
	} {
		img := stored(t, l, func(i *charcoal.Image) { i.Filename, i.Title, i.Tags = tt.name, tt.title, tt.tags })
		for _, text := range tt.finds {
			equal(t, fmt.Sprintf("of %q and %q: what %q finds", tt.name, tt.title, text),
				found(t, l, charcoal.Query{Viewer: admin(), Text: text}), []charcoal.ID{img.ID})
		}
		for _, text := range tt.not {
			equal(t, fmt.Sprintf("of %q and %q: what %q finds", tt.name, tt.title, text),
				found(t, l, charcoal.Query{Viewer: admin(), Text: text}), []charcoal.ID{})
		}
		noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	}
}

// testSearchHostileText tries what query languages take for more than words.
func testSearchHostileText(t *testing.T, l Library) {
	img := stored(t, l, func(i *charcoal.Image) { i.Title = `not "near" a AND b* OR title:c 100% d_e ' ; --` })
	for _, text := range []string{`"`, `*`, `'`, "%", "_", "--", "(", "\x00", "\xff\xfe", "!!! ???"} {
		equal(t, fmt.Sprintf("what %q finds", text), found(t, l, charcoal.Query{Viewer: admin(), Text: text}), []charcoal.ID{})
	}
	for _, text := range []string{`NOT`, `near(a b)`, `title:c`, `"a" OR "b"`, `100%`, `d_e`, `' OR 100=100 --`, `^a`, `-b`} {
		equal(t, fmt.Sprintf("what %q finds", text), found(t, l, charcoal.Query{Viewer: admin(), Text: text}), []charcoal.ID{img.ID})
	}
	equal(t, "what no text finds", found(t, l, charcoal.Query{Viewer: admin()}), []charcoal.ID{img.ID})
	equal(t, "what a word too many finds", found(t, l, charcoal.Query{Viewer: admin(), Text: "a OR zebra"}), []charcoal.ID{})
}

func testSearchAccess(t *testing.T, l Library) {
	alice, bob := charcoal.NewID(), charcoal.NewID()
	images := make(map[string]charcoal.ID)
	for owner, id := range map[string]charcoal.ID{"alice": alice, "bob": bob, "nobody": {}} {
		for _, v := range charcoal.Visibilities() {
			img := stored(t, l, func(i *charcoal.Image) { i.Owner, i.Visibility = id, v })
			images[owner+" "+string(v)] = img.ID
		}
	}
	noRead := user(alice)
	noRead.Scopes = []charcoal.Scope{charcoal.ScopeWrite}
	public := []string{"alice public", "bob public", "nobody public"}
	own := []string{"alice private", "alice public", "alice unlisted"}
	for _, tt := range []struct {
		name string
		q    charcoal.Query
		want []string
	}{
		{"a stranger", charcoal.Query{}, public},
		{"a stranger, of one owner", charcoal.Query{Owner: &alice}, []string{"alice public"}},
		{"a stranger, what is private", charcoal.Query{Visibility: charcoal.Private}, nil},
		{"alice", charcoal.Query{Viewer: user(alice)}, append([]string{"bob public", "nobody public"}, own...)},
		{"alice, her own", charcoal.Query{Viewer: user(alice), Owner: &alice}, own},
		{"alice, of bob", charcoal.Query{Viewer: user(alice), Owner: &bob}, []string{"bob public"}},
		{"alice, unlisted", charcoal.Query{Viewer: user(alice), Visibility: charcoal.Unlisted}, []string{"alice unlisted"}},
		{"alice with a token that may not read", charcoal.Query{Viewer: noRead}, public},
		{"somebody where nobody signs in", charcoal.Query{Viewer: charcoal.OpenActor()},
			[]string{"alice public", "bob public", "nobody private", "nobody public", "nobody unlisted"}},
		{"an admin, of bob", charcoal.Query{Viewer: admin(), Owner: &bob}, []string{"bob private", "bob public", "bob unlisted"}},
		{"an admin, unlisted", charcoal.Query{Viewer: admin(), Visibility: charcoal.Unlisted}, []string{"alice unlisted", "bob unlisted", "nobody unlisted"}},
	} {
		got := make(map[string]bool)
		for _, id := range found(t, l, tt.q) {
			for name := range images {
				if images[name] == id {
					got[name] = true
				}
			}
		}
		want := make(map[string]bool)
		for _, name := range tt.want {
			want[name] = true
		}
		equal(t, tt.name, got, want)
	}
}

func testSearchBin(t *testing.T, l Library) {
	alice := charcoal.NewID()
	img := stored(t, l, func(i *charcoal.Image) { i.Owner, i.Visibility = alice, charcoal.Public })
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	for _, tt := range []struct {
		name   string
		viewer charcoal.Actor
		want   []charcoal.ID
	}{
		{"a stranger", charcoal.Actor{}, []charcoal.ID{}},
		{"another user", user(charcoal.NewID()), []charcoal.ID{}},
		{"the owner", user(alice), []charcoal.ID{img.ID}},
		{"an admin", admin(), []charcoal.ID{img.ID}},
	} {
		equal(t, tt.name+" finds in the bin", found(t, l, charcoal.Query{Viewer: tt.viewer, Binned: true}), tt.want)
		equal(t, tt.name+" finds", found(t, l, charcoal.Query{Viewer: tt.viewer}), []charcoal.ID{})
	}
}

func testSearchFollows(t *testing.T, l Library) {
	img := stored(t, l, func(i *charcoal.Image) { i.Title = "before" })
	finds := func(doing string, q charcoal.Query, want bool) {
		t.Helper()
		q.Viewer = admin()
		equal(t, doing, len(found(t, l, q)) == 1, want)
	}
	ready := charcoal.Query{States: []charcoal.State{charcoal.Ready}, Types: []string{"JPEG"}}
	finds("queued", ready, false)
	job := claim(t, l, "a", noon())
	finds("running", charcoal.Query{States: []charcoal.State{charcoal.Queued, charcoal.Running}}, true)
	noError(t, "finish", l.Finish(t.Context(), leaseOf(job), noon(), result()))
	finds("ready, and known to be another format", ready, true)
	title, tags := "after", []string{"tag"}
	_, err := l.EditImage(t.Context(), img.ID, charcoal.ImageEdit{Title: &title, Tags: &tags})
	noError(t, "edit", err)
	finds("the old title", charcoal.Query{Text: "before"}, false)
	finds("the new title", charcoal.Query{Text: "after", Tags: tags}, true)
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	finds("in the bin", charcoal.Query{}, false)
	_, err = l.RestoreImage(t.Context(), img.ID)
	noError(t, "restore", err)
	finds("restored", charcoal.Query{Text: "after"}, true)
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	_, err = l.PurgeImages(t.Context(), noon().Add(time.Hour), 1)
	noError(t, "purge", err)
	finds("purged", charcoal.Query{Binned: true}, false)
	stored(t, l, func(i *charcoal.Image) { i.Title = "next" })
	finds("added after that", charcoal.Query{Text: "next"}, true)
}

func testSearchSimilar(t *testing.T, l Library) {
	const hash = charcoal.PerceptualHash(0x0123456789abcdef)
	with := func(h charcoal.PerceptualHash) charcoal.ID {
		return stored(t, l, func(i *charcoal.Image) { i.Hash = h }).ID
	}
	far, with0, near, equal0 := with(hash^0xfff), with(0), with(hash^1<<63), with(hash)
	beyond := with(hash ^ 0x1fff)
	for _, tt := range []struct {
		distance int
		want     []charcoal.ID
	}{
		{0, []charcoal.ID{equal0}},
		{1, []charcoal.ID{equal0, near}},
		{charcoal.MaxDistance, []charcoal.ID{equal0, near, far}},
	} {
		equal(t, fmt.Sprintf("within %d bits", tt.distance),
			found(t, l, charcoal.Query{Viewer: admin(), SimilarTo: hash, Distance: tt.distance}), tt.want)
	}
	equal(t, "in an order asked for",
		found(t, l, charcoal.Query{Viewer: admin(), SimilarTo: hash, Distance: 12, Sort: charcoal.ByCreated}), []charcoal.ID{far, near, equal0})
	equal(t, "without a hash", found(t, l, charcoal.Query{Viewer: admin()}), []charcoal.ID{far, with0, near, equal0, beyond})
}

// testPagesWhileAdding adds and removes before and behind the place where a reader is.
func testPagesWhileAdding(t *testing.T, l Library) {
	sized := func(size int64) charcoal.ID {
		return stored(t, l, func(i *charcoal.Image) { i.Size = size }).ID
	}
	var want []charcoal.ID
	for i := range int64(10) {
		want = append(want, sized(100*(1+i/3))) // many equals
	}
	q := charcoal.Query{Viewer: admin(), Sort: charcoal.ByBytes, Limit: 3}
	var got []charcoal.ID
	for {
		page, err := l.Search(t.Context(), q)
		noError(t, "search", err)
		got = append(got, idsOf(page.Images)...)
		if page.Next == "" {
			break
		}
		q.After = page.Next
		if len(got) == 3 {
			sized(0)                                                            // has its place before
			want = append(want, sized(1000))                                    // and this one behind
			noError(t, "bin", l.BinImage(t.Context(), got[2], noon()))          // on which the cursor stands
			noError(t, "bin another", l.BinImage(t.Context(), want[4], noon())) // which was not reached yet
			want = append(want[:4:4], want[5:]...)
		}
	}
	equal(t, "what the pages hold", got, want)
}

func testCursorOfAnotherSearch(t *testing.T, l Library) {
	for range 3 {
		upload(t, l, noon())
	}
	q := charcoal.Query{Viewer: admin(), Limit: 1}
	page, err := l.Search(t.Context(), q)
	noError(t, "search", err)
	for name, change := range map[string]func(*charcoal.Query){
		"another viewer": func(q *charcoal.Query) { q.Viewer = user(charcoal.NewID()) },
		"another order":  func(q *charcoal.Query) { q.Descending = true },
		"another sort":   func(q *charcoal.Query) { q.Sort = charcoal.ByTitle },
		"another text":   func(q *charcoal.Query) { q.Text = "x" },
		"another filter": func(q *charcoal.Query) { q.Width.Min = new(int64) },
		"half of it":     func(q *charcoal.Query) { q.After = q.After[:len(q.After)/2] },
		"no cursor":      func(q *charcoal.Query) { q.After = "' OR 1=1" },
	} {
		other := q
		other.After = page.Next
		change(&other)
		_, err := l.Search(t.Context(), other)
		wantCode(t, name, err, charcoal.Invalid)
	}
	q.After, q.Limit = page.Next, 2
	page, err = l.Search(t.Context(), q)
	noError(t, "the same search with longer pages", err)
	equal(t, "images of the page", len(page.Images), 2)
}

func testSearchRefused(t *testing.T, l Library) {
	long := make([]byte, 2000)
	for name, q := range map[string]charcoal.Query{
		"no limit":         {},
		"a long page":      {Limit: charcoal.MaxPage + 1},
		"an order":         {Limit: 1, Sort: "created; DROP TABLE images"},
		"a great distance": {Limit: 1, SimilarTo: 1, Distance: charcoal.MaxDistance + 1},
		"a long text":      {Limit: 1, Text: string(long)},
	} {
		q.Viewer = admin()
		_, err := l.Search(t.Context(), q)
		wantCode(t, name, err, charcoal.Invalid)
	}
	_, err := l.Search(endedContext(t), charcoal.Query{Limit: 1})
	wantCode(t, "with an ended context", err, charcoal.Canceled)
}

func testTwoCatalogues(t *testing.T, open func(*testing.T) Library) {
	one, two := openedLibrary(t, open), openedLibrary(t, open)
	for i := range 20 {
		here, there := one, two
		if i%2 == 1 {
			here, there = two, one
		}
		img := stored(t, here, func(*charcoal.Image) {})
		equal(t, "found there", len(found(t, there, charcoal.Query{Viewer: admin()})), i+1)
		title := fmt.Sprintf("number %d", i)
		_, err := there.EditImage(t.Context(), img.ID, charcoal.ImageEdit{Title: &title})
		noError(t, "edit there", err)
		equal(t, "found here by its new title", found(t, here, charcoal.Query{Viewer: admin(), Text: title}), []charcoal.ID{img.ID})
	}
}

func testReopenedSearch(t *testing.T, open func(*testing.T) Library) {
	l := open(t)
	for i := range 5 {
		stored(t, l, func(img *charcoal.Image) { img.Title = fmt.Sprint("cat ", i) })
	}
	q := charcoal.Query{Viewer: admin(), Text: "cat", Sort: charcoal.ByTitle, Limit: 2}
	first, err := l.Search(t.Context(), q)
	noError(t, "search", err)
	noError(t, "close", l.Close())
	l = openedLibrary(t, open)
	again, err := l.Search(t.Context(), q)
	noError(t, "search again", err)
	equal(t, "the first page", again, first)
	q.After = first.Next
	rest, err := l.Search(t.Context(), q)
	noError(t, "the page after", err)
	equal(t, "images of the page after", len(rest.Images), 2)
}
