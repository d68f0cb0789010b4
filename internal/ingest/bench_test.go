package ingest_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskwire/deskwire/internal/app"
	"github.com/deskwire/deskwire/internal/desk"
	"github.com/deskwire/deskwire/internal/ingest"
)

// ticketLines are n tickets as a helpdesk writes them, about 400 bytes each.
func ticketLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"op":"ticket.put","ticket":{"id":"t%07d","version":1,"subject":"Order %d has not arrived, where is it?","status":"%s","priority":"%s","channel":"email","language":"it","assignee_team":"team%d","customer":"c%d","tags":["order","tag%d"],"created_at":"2026-11-%02dT09:%02d:00Z","updated_at":"2026-11-%02dT10:%02d:00Z","last_customer_message_at":"2026-11-%02dT10:00:00Z","message_count":%d}}`+"\n",
			i, i, desk.Statuses[i%6], desk.Priorities[i%4], i%20, i%5000, i%50, 1+i%28, i%60, 1+i%28, i%60, 1+i%28, i%7)
	}
	return b.String()
}

// BenchmarkBulk is the whole way: HTTP, the account, SQLite with its fsyncs.
//
//	go test ./internal/ingest -run '^$' -bench Bulk -benchtime 3x
func BenchmarkBulk(b *testing.B) {
	const n = 100_000
	lines := ticketLines(n)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		b.StopTimer()
		a, err := app.Start(app.Config{Listen: "127.0.0.1:0", Data: b.TempDir(), OperatorKey: operatorKey, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		sendLines(b, operatorKey, a.URL+"/v1/accounts", `{"id":"acme"}`)
		b.StartTimer()
		sendLines(b, operatorKey, a.URL+bulkPath, lines)
		b.StopTimer()
		_ = a.Stop()
		b.StartTimer()
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tickets/s")
}

// BenchmarkBulkAlone is ingest's part of it: an account that does nothing.
func BenchmarkBulkAlone(b *testing.B) {
	const n = 100_000
	lines := ticketLines(n)
	b.SetBytes(int64(len(lines)))
	d := &till{forget: true}
	s := httptest.NewServer(ingest.New(ingest.Options{Poster: d, Asker: d, Doorman: d}))
	defer s.Close()
	for b.Loop() {
		sendLines(b, "key", s.URL+bulkPath, lines)
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tickets/s")
}

func sendLines(b *testing.B, key, url, body string) {
	r, _ := http.NewRequest("POST", url, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 || strings.Contains(string(text), `"problem"`) {
		b.Fatalf("%d %v %.500s", res.StatusCode, err, text)
	}
}
