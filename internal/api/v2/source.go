package v2

import (
	"context"
	"io"
)

// lazyURL is the bytes behind a URL, fetched when they are read first: not for an
// answer that is only given again.
type lazyURL struct {
	ctx    context.Context //nolint:containedctx // of the request whose body it stands for
	api    *API
	url    string
	file   io.ReadCloser
	cancel context.CancelFunc
	err    error
}

func (l *lazyURL) close() {
	if l.file != nil {
		l.file.Close()
	}
	if l.cancel != nil {
		l.cancel()
	}
}

func (l *lazyURL) Read(p []byte) (int, error) {
	if l.file == nil && l.err == nil {
		l.open()
	}
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.file.Read(p)
	l.err = err
	return n, err
}

func (l *lazyURL) open() {
	var ctx context.Context
	ctx, l.cancel = context.WithTimeout(l.ctx, l.api.cfg.FetchTime)
	file, err := l.api.Fetcher.Get(ctx, l.url)
	if err != nil {
		l.err = err
		return
	}
	l.file = file
}
