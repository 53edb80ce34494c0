package v2

import (
	"net/http"
	"path"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
)

// What stands before the routes and has to know of this version.

// sessionCookie holds the secret of a session of the page.
const sessionCookie = "charcoal_session"

// SessionOf returns the secret of the session that a request brings, "" for none.
func SessionOf(r *http.Request) string { return cookieValue(r, sessionCookie) }

// cookieValue returns what a cookie holds, "" when there is none.
func cookieValue(r *http.Request, name string) string {
	cookie, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// cookieName is what a cookie is called. By https it has a prefix for which browsers see
// to it that only this host set it (RFC 6265bis, section 4.1.3.2): else another host
// of the same domain could sign its visitors in here as somebody else.
func cookieName(r *http.Request, name string) string {
	if overTLS(r) {
		return "__Host-" + name
	}
	return name
}

// ForgetSession tells the browser that its session has ended.
func ForgetSession(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, cookieOf(r, sessionCookie, "", -1))
}

// cookieOf is a cookie that says who somebody is. Scripts cannot read it, and other
// sites cannot make a browser send it along with what changes anything.
func cookieOf(r *http.Request, name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // secure where the browser came by TLS; elsewhere it would not come back
		Name: cookieName(r, name), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: overTLS(r),
	}
}

// overTLS reports whether the browser came by https. A proxy that ends TLS says
// so; who else says it only gets a cookie that does not come back over http.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// SignsIn reports whether a request is a way in, which a session that has ended
// must not block.
func SignsIn(r *http.Request) bool {
	switch r.URL.Path {
	case "/v2/sessions", "/v2/users":
		return r.Method == http.MethodPost
	case "/v2/sessions/current":
		return r.Method == http.MethodDelete
	case "/v2/capabilities", "/v2/oidc/login", "/v2/oidc/callback":
		return true
	}
	return false
}

// Refuse answers a request to an address that there is not, or, when it allows
// some methods, not for this one.
func Refuse(w http.ResponseWriter, r *http.Request, allow string) {
	if allow != "" {
		problem.Write(w, r, charcoal.Errorf(problem.MethodNotAllowed, "this address does not take %s, only %s", clip(r.Method), allow))
		return
	}
	err := charcoal.Errorf(charcoal.NotFound, "there is no such address; /docs lists those there are")
	p := problem.Of(err)
	if name := path.Base(r.URL.Path); strings.HasPrefix(name, "art.") {
		base := strings.TrimSuffix(r.URL.Path, strings.TrimPrefix(name, "art"))
		err = charcoal.Errorf(charcoal.NotFound, "there is no form %s of art; see available", clip(path.Ext(name)))
		p = problem.Of(err)
		p.Available = forms(base)
	}
	problem.WriteAs(w, r, err, p)
}
