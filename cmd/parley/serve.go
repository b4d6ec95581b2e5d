package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/internal/config"
)

type serveCmd struct {
	config.Serve
}

// Run serves until ctx ends.
func (s *serveCmd) Run(ctx context.Context, c console) error {
	server, err := parley.New(parley.Config{
		Addr: s.Addr, DataDir: s.Data, Registration: parley.Registration(s.Registration), Guests: s.Guests, Gravatar: s.Gravatar, TokenTTL: s.TokenTTL,
		AllowedOrigins: s.AllowedOrigin, PublicURL: s.PublicURL, TrustedProxies: s.Proxies(),
		TLSCertFile: s.TLSCert, TLSKeyFile: s.TLSKey, TLSAuto: s.TLSAuto, ACMEDirectory: s.ACMEDirectory, ACMEEmail: s.ACMEEmail, HTTPAddr: s.HTTPAddr,
		NoRateLimits: s.RateLimits == "off", Logger: logger(&s.Serve, c.err), Welcome: c.out,
	})
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

func logger(s *config.Serve, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.Level()}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
