package contracttest

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
)

// A recorder passes an answer through and keeps a copy.
type recorder struct {
	http.ResponseWriter
	status   int // 0 until the header is written
	header   http.Header
	body     bytes.Buffer
	hijacked bool
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 { // 1xx statuses precede the answer
		r.status, r.header = status, r.Header().Clone()
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// statusSent returns the status that net/http sends: 200 if the handler set none.
func (r *recorder) statusSent() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

func (r *recorder) headerSent() http.Header {
	if r.header == nil {
		return r.Header()
	}
	return r.header
}

// Flush and Hijack serve handlers that assert http.Flusher and http.Hijacker.
// http.ResponseController reaches everything else through Unwrap.

func (r *recorder) Flush() {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}

func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	r.hijacked = r.hijacked || err == nil
	return conn, rw, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
