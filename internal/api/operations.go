package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/room"
)

// operations are the routes for the people and programs that run the server.
func (a *API) operations(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", alive)
	a.handle(mux, "GET /readyz", a.ready)
	a.handle(mux, "GET /version", a.version)
	a.handle(mux, "GET /{$}", a.help)
}

// alive says that the process runs, whatever it can do.
func alive(w http.ResponseWriter, _ *http.Request) { writeText(w, "ok\n") }

// ready says whether uploads would be taken now.
func (a *API) ready(w http.ResponseWriter, r *http.Request) error {
	if a.parts.Room.Stopping() {
		return room.ErrStopping()
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.parts.Service.Ping(ctx); err != nil {
		return charcoal.Errorf(charcoal.Unavailable, "the store does not answer").Because(err)
	}
	writeText(w, "ready\n")
	return nil
}

func (a *API) version(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, struct {
		Version string `json:"version"`
		Commit  string `json:"commit,omitempty"`
	}{a.cfg.Version, a.cfg.Commit})
	return nil
}

func (a *API) help(w http.ResponseWriter, r *http.Request) error {
	writeText(w, fmt.Sprintf(helpText, a.cfg.Version, "http://"+r.Host))
	return nil
}

const helpText = `Charcoal %[1]s turns pictures into text art.

  Draw a picture at once, in colour for a terminal:
    curl -F file=@cat.jpg '%[2]s/v2/convert?format=ansi'

  Everything else that version 2 of the API does is at %[2]s/docs
  Where one has to sign in, curl takes -u NAME, or -H 'Authorization: Bearer TOKEN'.

  Version 1 goes on as it was. Upload a picture, get its id:
    curl -F file=@cat.jpg '%[2]s/ascii?size=100'

  Fetch the art, waiting until it is drawn:
    curl '%[2]s/image/ID/ascii?wait=10s'

  And the rest:
    curl %[2]s/image/ID            what is known of it
    curl %[2]s/image/ID/original   the picture as uploaded
    curl %[2]s/list                the newest images
    curl %[2]s/status              how the service is doing

  size is the number of columns, 1 to 2000. A cell is taken as half as wide as
  high, as in most terminals; aspect=1 draws for square cells. engine chooses
  another engine, where the server has some; the header Charcoal-Engine of art
  says which drew it.
`

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text)) // the reader may be gone; nobody to tell
}
