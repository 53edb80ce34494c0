// Package move copies everything that a service keeps from one store and its blobs to
// others, and can be killed and begun again at any moment: where it goes on is seen
// from what is there.
package move

import "strings"

// Kind says what a column holds, and so how stores keep it.
type Kind int

// The kinds, with the Go type of their values.
const (
	ID        Kind = iota // [16]byte
	Int                   // int64
	Bool                  // bool
	Text                  // string: UTF-8 without NUL, other bytes having been replaced
	JSON                  // string; "{}" for none
	Bytes                 // []byte
	TextBytes             // []byte, of a text to the byte
	Lines                 // []string, kept as lines where there are no lists
	Words                 // []string, kept with spaces between them
)

// Column is one column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is what is copied of a table.
type Table struct {
	Name    string
	Columns []Column // those of the primary key first
	Keys    int      // how many those are
}

// Row holds a value for each column.
type Row []any

// Tables are all that hold what does not follow from others, in an order in which what is
// referred to comes first.
func Tables() []Table {
	return []Table{
		table(1, "users", "id=id name folded role password created=int disabled=int"),
		table(2, "identities", "issuer=textbytes subject=textbytes user_id=id"),
		table(1, "sessions", "id=id user_id=id secret=bytes created=int used=int expires=int address agent"),
		table(1, "tokens", "id=id user_id=id secret=bytes name scopes=words created=int expires=int used=int"),
		table(1, "invites", "id=id secret=bytes role made_by=id created=int expires=int used=int used_by=id"),
		table(1, "audit", "id=id at=int action actor=id name address user_id=id details=json"),
		table(1, "uploads", "id=id begun=int abandoned=bool"),
		table(1, "images", "id=id owner=id filename created=int size=int sha256=bytes format media_type width=int height=int frames=int hash=int title tags=lines visibility expires=int deleted=int"),
		table(1, "renderings", "id=id image_id=id owner=id options state key=bytes callback created=int started=int finished=int attempt=int failures=int losses=int "+
			"not_before=int worker lease_until=int reason cols=int rows=int engine convert_time=int learnt=json"),
		table(1, "garbage", "key"),
		table(1, "events", "seq=int at=int type owner=id visibility image_id=id rendering_id=id state"),
		table(1, "endpoints", "id=id owner=id url events=words created=int since=int salt=bytes old_salt=bytes old_until=int disabled=int reason failures=int failing_since=int"),
		table(1, "deliveries", "id=id owner=id endpoint=id target url seq=int at=int type visibility image_id=id rendering_id=id event_state created=int state "+
			"attempt=int tries=int due=int leased=bool last_at=int last_took=int last_status=int last_error"),
		table(1, "targets", "target owner=id due=int"),
		table(1, "planned", "one=bool seq=int"),
		table(2, "usage", "owner=id day=int images=int bytes=int pixels=int reserved=int"),
		table(2, "presets", "owner=id name options changed=int"),
		table(2, "onces", "owner=id key=textbytes until=int done=bool fingerprint=bytes status=int header=json body=bytes"),
	}
}

// table reads columns as "name=kind"; without a kind it is a text.
func table(keys int, name, columns string) Table {
	kinds := map[string]Kind{
		"": Text, "id": ID, "int": Int, "bool": Bool, "json": JSON, "bytes": Bytes, "textbytes": TextBytes, "lines": Lines, "words": Words,
	}
	t := Table{Name: name, Keys: keys}
	for column := range strings.FieldsSeq(columns) {
		name, kind, _ := strings.Cut(column, "=")
		t.Columns = append(t.Columns, Column{name, kinds[kind]})
	}
	return t
}

// Key returns the values of the primary key.
func (t Table) Key(r Row) []any { return r[:t.Keys] }

// Names returns the columns as SQL names.
func (t Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
	}
	return names
}
