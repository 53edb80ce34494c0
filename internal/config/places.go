package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Takes reports whether this process takes requests, and Draws whether it draws.
func (c Config) Takes() bool { return c.Role != "worker" }

// Draws reports whether this process draws.
func (c Config) Draws() bool { return c.Role != "api" }

// InPostgres reports whether the rows are in PostgreSQL, which other processes may
// use at the same time.
func (c Config) InPostgres() bool {
	return strings.HasPrefix(c.Store, "postgres://") || strings.HasPrefix(c.Store, "postgresql://")
}

// InS3 reports whether the pictures are in S3.
func (c Config) InS3() bool { return strings.HasPrefix(c.Blobs, "s3://") }

// ByKafka reports whether Kafka wakes workers.
func (c Config) ByKafka() bool { return strings.HasPrefix(c.Queue, "kafka://") }

// validatePlaces refuses what cannot be, or cannot work together. Nothing of the
// store's URL is shown: it may hold a password.
func (c Config) validatePlaces() error {
	switch {
	case c.Store != "sqlite" && !c.InPostgres():
		return errors.New("store is neither sqlite nor a URL that begins with postgres://")
	case c.Blobs != "file" && !c.InS3():
		return fmt.Errorf("blobs %q is neither file nor a URL that begins with s3://", c.Blobs)
	case c.Queue != "memory" && c.Queue != "postgres" && !c.ByKafka():
		return fmt.Errorf("queue %q is neither memory, nor postgres, nor a URL that begins with kafka://", c.Queue)
	case c.Queue == "postgres" && !c.InPostgres():
		return errors.New("queue postgres needs the store to be there; give --store postgres://…, or --queue memory")
	}
	return errors.Join(c.validateRole(), c.validateKey())
}

// validateRole refuses roles whose processes could not work together.
func (c Config) validateRole() error {
	switch {
	case c.Role == "all" || c.Role == "":
		return nil
	case !c.InPostgres():
		return fmt.Errorf("role %s needs a store that several processes can share; give --store postgres://…, or --role all", c.Role)
	case !c.InS3():
		return fmt.Errorf("role %s needs pictures where other processes reach them; give --blobs s3://…, or --role all", c.Role)
	case c.Queue == "memory":
		return fmt.Errorf("role %s needs a queue that reaches other processes; give --queue postgres or --queue kafka://…, or --role all", c.Role)
	case c.Hooks.Key == "":
		return fmt.Errorf("role %s needs hooks.key, the same for all processes, or receivers of webhooks could not check who calls them; make one with: openssl rand -base64 32", c.Role)
	}
	return nil
}

func (c Config) validateKey() error {
	if c.Hooks.Key == "" {
		return nil
	}
	if key, err := base64.StdEncoding.DecodeString(c.Hooks.Key); err != nil || len(key) != 32 {
		return errors.New("hooks.key is not 32 bytes in base64; make one with: openssl rand -base64 32")
	}
	return nil
}
