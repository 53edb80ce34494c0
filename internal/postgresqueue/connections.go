package postgresqueue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

// keep connects and has the connection used, again and again until Close.
func (q *Queue) keep(to *pgx.ConnConfig, doing string, use func(*pgx.Conn) error) {
	failing := false
	for q.ctx.Err() == nil {
		conn, err := q.connect(to)
		if err == nil {
			failing = false
			err = use(conn)
			hangUp(conn)
		}
		if q.ctx.Err() != nil {
			return
		}
		if !failing { // once for each time that it is away
			q.log.WarnContext(q.ctx, "the doorbell of PostgreSQL is away", "doing", doing, "err", err)
		}
		failing = true
		select {
		case <-time.After(q.patience.away):
		case <-q.ctx.Done():
		}
	}
}

func (q *Queue) connect(to *pgx.ConnConfig) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(q.ctx, q.patience.answering)
	defer cancel()
	return pgx.ConnectConfig(ctx, to)
}

func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// send sends rings until one cannot be sent. Those that came while a notification was
// under way go with the next: the server locks all of them out from each other
// while it commits one, so there is to be one for many.
func (q *Queue) send(conn *pgx.Conn) error {
	for {
		ids, err := q.gather(conn)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := q.exec(conn, "SELECT pg_notify($1, $2)", channel, join(ids)); err != nil {
			q.lost.Add(int64(len(ids)))
			return fmt.Errorf("notify: %w", err)
		}
	}
}

// gather waits for a ring and takes those that wait behind it. It returns none when the
// queue is closed.
func (q *Queue) gather(conn *pgx.Conn) (ids []charcoal.ID, err error) {
	quiet := time.NewTicker(q.patience.silence)
	defer quiet.Stop()
	for len(ids) == 0 {
		select {
		case id := <-q.out:
			ids = append(ids, id)
		case <-quiet.C:
			if err := q.exec(conn, "SELECT"); err != nil {
				return nil, err
			}
		case <-q.ctx.Done():
			return nil, nil
		}
	}
	for len(ids) < batch && len(q.out) > 0 { // nobody else takes from it
		ids = append(ids, <-q.out)
	}
	return ids, nil
}

func (q *Queue) exec(conn *pgx.Conn, statement string, args ...any) error {
	ctx, cancel := context.WithTimeout(q.ctx, q.patience.answering)
	defer cancel()
	_, err := conn.Exec(ctx, statement, args...)
	return err
}

func (q *Queue) startListening() {
	q.work.Go(func() { q.keep(q.listen, "listen", q.hear) })
}

// hear takes notifications until the connection fails.
func (q *Queue) hear(conn *pgx.Conn) error {
	if err := q.exec(conn, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		payload, err := next(q.ctx, conn, q.patience.silence)
		if errors.Is(err, context.DeadlineExceeded) {
			err = q.exec(conn, "SELECT")
		}
		if err != nil {
			return err
		}
		for _, id := range split(payload) {
			q.offer(q.in, id)
		}
	}
}

// next waits for a notification.
func next(ctx context.Context, conn *pgx.Conn, limit time.Duration) (payload string, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}

// check listens on a channel of its own, so that nobody else is woken.
func (q *Queue) check(ctx context.Context) error {
	listener, err := pgx.ConnectConfig(ctx, q.listen)
	if err != nil {
		return unavailable(err)
	}
	defer hangUp(listener)
	notifier, err := pgx.ConnectConfig(ctx, q.notify)
	if err != nil {
		return unavailable(err)
	}
	defer hangUp(notifier)
	own := "charcoal_check_" + rand.Text()
	if _, err = listener.Exec(ctx, `LISTEN "`+own+`"`); err == nil {
		_, err = notifier.Exec(ctx, "SELECT pg_notify($1, '')", own)
	}
	if err != nil {
		return unavailable(err)
	}
	if _, err := next(ctx, listener, q.patience.answering/5); err != nil {
		return charcoal.Errorf(charcoal.Invalid,
			"PostgreSQL's notifications do not arrive; the address to listen at must not lead through a pool of transactions").Because(err)
	}
	return nil
}

func unavailable(cause error) error {
	e := charcoal.Errorf(charcoal.Unavailable, "the doorbell of PostgreSQL cannot be reached; try again shortly").Because(cause)
	e.Logged = true
	return e
}
