// Package client is how Go programs use a Charcoal server. It speaks version 2 of
// the HTTP API and needs nothing else of Charcoal.
//
// # Begin
//
// Make a [Client] with the address of the server and, where it asks for one, a
// token, and use it from as many goroutines as you like:
//
//	c, err := client.New("https://charcoal.example", client.Options{Token: token})
//	img, err := c.UploadFile(ctx, "cat.jpg", client.UploadOptions{Tags: []string{"pets"}})
//	art, err := c.Art(ctx, img.ID, "ansi", client.DrawOptions{Cols: 80})
//
// An upload makes an image and its first rendering. The picture is stored when the
// call returns; the rendering is drawn soon after, and [Client.Await] waits for it.
// More renderings are drawn of the same image with [Client.Draw], or with
// [Client.Art], which finds or makes the one that is asked for and fetches it.
// [Client.Convert] draws a picture without storing anything.
//
// # Many of them
//
// [Client.Search] and [Client.Renderings] go through all pages. [Client.Events]
// tells what changes while it changes, across lost connections.
//
// [ReadDelivery] is for the other side of webhooks: it checks who sent one.
//
// # Options
//
// Zero fields of [DrawOptions], [Query] and the like are not sent, so that the
// server's defaults hold.
//
// # When something goes wrong
//
// What the server refuses is an [*Error], with a code for programs, a sentence for
// people, and the limit that was met where there is one:
//
//	if e, ok := errors.AsType[*client.Error](err); ok && e.Code == "too_large" {
//
// What may be asked again without harm is, up to [Options.Attempts] times in all,
// with growing pauses and no earlier than the server says: reading, drawing and
// deleting; and uploads, which carry an Idempotency-Key so that a picture whose answer
// got lost is not stored twice. Requests that the server turned away because it is
// busy were not carried out, and are made again whatever they are. An upload from an
// [io.Reader] that cannot be read a second time is sent once.
//
// Every upload that can be read twice carries its SHA-256, so a picture that was
// damaged on the way is refused and sent again.
//
// # What a server cannot do to you
//
// Answers are bounded: JSON at 32 MiB, art and originals at [Options.MaxBody].
// Redirects are not followed, since they could carry the token elsewhere. An answer
// that stops coming ends with the context of the call: give it one that ends.
package client
