package pass

import "testing"

func TestPagesOfTheAccountsOriginsComeIn(t *testing.T) {
	allowed := []string{"https://desk.shop.example", "http://localhost:5173", "https://alt.example:8443", "not a URL %%", ""}
	for _, c := range []struct {
		origin, host string
		want         bool
	}{
		{"", "live.example", true}, // no browser
		{"https://live.example", "live.example", true},
		{"https://LIVE.example", "live.example", true},
		{"http://127.0.0.1:8080", "127.0.0.1:8080", true},
		{"http://127.0.0.1:8081", "127.0.0.1:8080", false},
		{"https://desk.shop.example", "live.example", true},
		{"https://DESK.shop.example", "live.example", true},
		{"https://desk.shop.example:443", "live.example", true},
		{"https://desk.shop.example:8443", "live.example", false},
		{"http://desk.shop.example", "live.example", false},
		{"http://localhost:5173", "live.example", true},
		{"http://localhost", "live.example", false},
		{"https://alt.example:8443", "live.example", true},
		{"https://alt.example", "live.example", false},
		{"https://shop.example", "live.example", false},
		{"https://desk.shop.example.evil.example", "live.example", false},
		{"https://evil.example/https://desk.shop.example", "live.example", false},
		{"https://desk.shop.example@evil.example", "live.example", false},
		{"https://evil.example#desk.shop.example", "live.example", false},
		{"https://evil.example?desk.shop.example", "live.example", false},
		{"https://xdesk.shop.example", "live.example", false},
		{"https://desk.shop.example.", "live.example", false},
		{"null", "live.example", false},
		{"file://", "live.example", false},
		{"https://", "", false},
		{"https:desk.shop.example", "live.example", false},
		{"chrome-extension://abc", "abc", false},
		{"ws://live.example", "live.example", false},
		{"%%", "live.example", false},
		{"*", "live.example", false},
	} {
		if got := AllowedOrigin(c.origin, c.host, allowed); got != c.want {
			t.Errorf("a page of %q at %q: %v", c.origin, c.host, got)
		}
	}
	if AllowedOrigin("https://desk.shop.example", "live.example", nil) {
		t.Error("an account without origins lets other pages in")
	}
}

func FuzzAllowedOrigin(f *testing.F) {
	f.Add("https://desk.shop.example", "live.example")
	f.Add("https://desk.shop.example@evil", "live.example")
	f.Fuzz(func(t *testing.T, origin, host string) {
		if origin != "" && AllowedOrigin(origin, "", nil) {
			t.Fatalf("%q comes in where nobody may", origin)
		}
		AllowedOrigin(origin, host, []string{host})
	})
}
