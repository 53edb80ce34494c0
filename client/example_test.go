package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/charcoal-art/charcoal/client"
)

// server stands for a Charcoal server.
func server(answers map[string]string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.Method+" "+r.URL.Path]
		if !ok {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			body = `{"code":"not_found","detail":"No image has this id."}`
		}
		_, _ = io.WriteString(w, body)
	}))
}

func Example() {
	s := server(map[string]string{
		"POST /v2/images":             `{"id":"0199","rendering":{"id":"0200","state":"queued"}}`,
		"GET /v2/images/0199/art.txt": "@@\n@@\n",
	})
	defer s.Close()

	ctx := context.Background()
	c, err := client.New(s.URL, client.Options{Token: "chr_…"})
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := c.Upload(ctx, strings.NewReader("a picture"), client.UploadOptions{Title: "Two by two"})
	if err != nil {
		fmt.Println(err)
		return
	}
	art, err := c.Art(ctx, img.ID, "text", client.DrawOptions{Cols: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer art.Close()
	_, _ = io.Copy(os.Stdout, art)
	// Output:
	// @@
	// @@
}

func ExampleClient_Search() {
	s := server(map[string]string{"GET /v2/images": `{"images":[{"id":"0199","title":"Sunset"},{"id":"0200","title":"Sunrise"}]}`})
	defer s.Close()

	c, err := client.New(s.URL, client.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for img, err := range c.Search(context.Background(), client.Query{Text: "sun", Tags: []string{"sky"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(img.ID, img.Title)
	}
	// Output:
	// 0199 Sunset
	// 0200 Sunrise
}

func ExampleClient_Events() {
	s := server(map[string]string{
		"GET /v2/events": "id: 7\ndata: {\"seq\":7,\"type\":\"rendering.ready\",\"image_id\":\"0199\",\"state\":\"ready\"}\n\n",
	})
	defer s.Close()

	c, err := client.New(s.URL, client.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e, err := range c.Events(context.Background(), client.EventsOptions{}) {
		switch {
		case err != nil:
			fmt.Println(err)
			return
		case e.Type == client.EventReset:
			fmt.Println("read what there is")
			continue
		}
		fmt.Println(e.Type, e.ImageID)
		break // or go on for ever
	}
	// Output:
	// read what there is
	// rendering.ready 0199
}

func ExampleError() {
	s := server(nil)
	defer s.Close()

	c, err := client.New(s.URL, client.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Image(context.Background(), "0199")
	if e, ok := errors.AsType[*client.Error](err); ok && e.Code == "not_found" {
		fmt.Println(e.Status, e.Detail)
	}
	// Output: 404 No image has this id.
}
