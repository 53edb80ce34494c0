package app

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/api/room"
	v2 "github.com/charcoal-art/charcoal/internal/api/v2"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/events"
	"github.com/charcoal-art/charcoal/internal/fairuse"
	"github.com/charcoal-art/charcoal/internal/hooks"
	"github.com/charcoal-art/charcoal/internal/outbound"
)

// network is what tells others of changes, what goes out to them, and what bounds
// what they may ask for.
type network struct {
	hub     *events.Hub
	hooks   *hooks.Service
	fetcher *outbound.Client // nil: nothing is fetched
	limiter *fairuse.Limiter
	quotas  *fairuse.Quotas
	proxies clientaddr.Proxies
}

func (p *parts) network(ctx context.Context, store rows) (n network, err error) {
	n.hub, err = events.New(ctx, p.eventLog(), store, p.log, time.Now)
	if err != nil {
		return n, err
	}
	key, err := p.hooksKey()
	if err != nil {
		return n, err
	}
	caller := outbound.New(p.calls(p.cfg.Hooks.Time, 0, 64<<10))
	p.closers = append(p.closers, caller.Close)
	n.hooks = hooks.New(p.webhooks(), hooks.Ports{Store: store, Client: caller, Key: key, Log: p.log, Now: time.Now})
	if p.cfg.Fetch.Enabled {
		n.fetcher = outbound.New(p.calls(p.cfg.Fetch.Time, 3, int64(p.cfg.Limits.UploadBytes)))
		p.closers = append(p.closers, n.fetcher.Close)
	}
	if n.proxies, err = clientaddr.ParseProxies(p.cfg.Fair.TrustedProxies); err != nil {
		return n, fmt.Errorf("reading fair.trusted_proxies: %w", err)
	}
	n.limiter = fairuse.NewLimiter(p.requests(), p.cfg.Fair.Burst, time.Now)
	n.quotas = fairuse.NewQuotas(store, p.quota(), time.Now)
	return n, nil
}

// hooksKey is the key that was given to all processes, or one of this data folder.
func (p *parts) hooksKey() (hooks.Key, error) {
	if p.cfg.Hooks.Key == "" {
		return hooks.OpenKey(filepath.Join(p.cfg.Data, "webhooks.key"))
	}
	raw, err := base64.StdEncoding.DecodeString(p.cfg.Hooks.Key)
	if err != nil || len(raw) != len(hooks.Key{}) {
		return hooks.Key{}, errors.New("hooks.key is not 32 bytes in base64")
	}
	return hooks.Key(raw), nil
}

// changed is called after each change of this process.
func (n network) changed() {
	n.hub.Poke()
	n.hooks.Poke()
}

// serve returns the handler of all routes.
func (p *parts) serve(service *convert.Service, accounts *account.Service, n network, engines []string) http.Handler {
	common := room.New(p.stopping, p.room())
	parts := v2.Parts{
		Images: service, Accounts: accounts, Events: n.hub, Webhooks: n.hooks, Quotas: n.quotas, Rates: n.limiter,
		Room: common, Log: p.log,
	}
	if n.fetcher != nil {
		parts.Fetcher = n.fetcher
	}
	return api.New(p.serving(), api.Parts{
		Service: service, Accounts: accounts, Limiter: n.limiter, Proxies: n.proxies,
		Room: common, V2: v2.New(p.version2(engines), parts), Log: p.log,
	})
}

// housekeepingTime is how often old things are forgotten that nothing else forgets.
const housekeepingTime = 10 * time.Minute

func (p *parts) housekeeping(ctx context.Context, tasks ...func(context.Context) error) {
	tick := time.NewTicker(housekeepingTime)
	defer tick.Stop()
	for {
		for _, do := range tasks {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				p.log.ErrorContext(ctx, "housekeeping failed", "err", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// pass tells who waits for a rendering what other processes did to it, as the log of
// events says.
func (p *parts) pass(ctx context.Context, hub *events.Hub, service *convert.Service) {
	for ctx.Err() == nil {
		stream, err := hub.Subscribe(ctx, charcoal.EventFilter{}, events.FromNow)
		if err != nil {
			return // the hub has stopped
		}
		for {
			messages, err := stream.Next(ctx)
			if err != nil { // too slow: those who wait look by themselves, too
				break
			}
			for _, m := range messages {
				service.Announce(m.Image)
			}
		}
		stream.Close()
	}
}
