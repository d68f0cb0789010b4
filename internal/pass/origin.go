package pass

import (
	"net/url"
	"strings"
)

// AllowedOrigin says whether a page of the origin may open a connection to the
// host: one of the origins allowed, compared exactly with scheme and port, or
// the server's own host. No origin at all comes from something other than a
// browser, which cannot be tricked into it, and is let in: what counts is the
// token.
func AllowedOrigin(origin, host string, allowed []string) bool {
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	if strings.EqualFold(u.Host, host) {
		return true
	}
	for _, a := range allowed {
		if same(a, u) {
			return true
		}
	}
	return false
}

func same(allowed string, u *url.URL) bool {
	a, err := url.Parse(allowed)
	return err == nil && a.Scheme == u.Scheme && strings.EqualFold(a.Hostname(), u.Hostname()) && port(a) == port(u)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}
