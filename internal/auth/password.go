package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/parley-chat/parley/internal/chat"
)

// Limits of a password.
const (
	MinPassword = 8    // characters
	MaxPassword = 1024 // bytes, checked before anything is computed from them
)

// Params is the cost of a hash, argon2id.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32
	Threads uint8
}

// DefaultParams are those that OWASP's Password Storage Cheat Sheet gives first for argon2id.
var DefaultParams = Params{Memory: 19 * 1024, Time: 2, Threads: 1}

// The most that a stored hash may cost, so that a row that somebody planted cannot take the server's memory.
var maxParams = Params{Memory: 256 * 1024, Time: 16, Threads: 16}

const (
	saltSize = 16
	hashSize = 32
	maxQueue = 64 // requests that wait for their turn, of strangers and of others each: about two seconds of work
)

// Passwords hashes and verifies passwords, on at most half of the processors, so that a storm of sign-ins leaves the
// others to those who are chatting. It may be used concurrently.
type Passwords struct {
	params  Params
	nobody  phc // matches nothing
	slots   chan struct{}
	door    chan struct{} // strangers pass it before the slots, so that few of them stand there; nil: for others
	waiting *atomic.Int32 // in the queue that this value uses
	inner   *atomic.Int32 // in that of known
	compute func(p Params, password string, salt []byte, size uint32) []byte
}

// NewPasswords uses params for new hashes; those that are stored keep theirs.
func NewPasswords(params Params) *Passwords {
	nobody := phc{params, make([]byte, saltSize), make([]byte, hashSize)}
	_, _ = rand.Read(nobody.hash) // never fails
	n := max(1, runtime.GOMAXPROCS(0)/2)
	return &Passwords{
		params: params, nobody: nobody, compute: Params.compute,
		slots: make(chan struct{}, n), door: make(chan struct{}, n), waiting: &atomic.Int32{}, inner: &atomic.Int32{},
	}
}

// known is p with another queue, for those of whom it is known that they are no strangers: these, however many addresses they
// come from, cannot fill it, and who is in it overtakes them.
func (p *Passwords) known() *Passwords {
	q := *p
	q.waiting, q.door = p.inner, nil
	return &q
}

// CheckPassword says what is wrong with a new password, Invalid or TooLarge.
func CheckPassword(password string) error {
	const op = "auth.CheckPassword"
	switch {
	case password == "":
		return chat.Errorf(chat.Invalid, op, "the password is empty")
	case len(password) > MaxPassword:
		return chat.Errorf(chat.TooLarge, op, "the password is longer than %d bytes", MaxPassword)
	case !utf8.ValidString(password):
		return chat.Errorf(chat.Invalid, op, "the password is not valid UTF-8")
	case utf8.RuneCountInString(password) < MinPassword:
		return chat.Errorf(chat.Invalid, op, "the password has fewer than %d characters", MinPassword)
	}
	return nil
}

// Hash returns a PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$hash. Invalid or TooLarge for a password that
// CheckPassword refuses, Overloaded when too many wait.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return phc{p.params, salt, p.compute(p.params, password, salt, hashSize)}.String(), nil
}

// Verify reports whether password is the one of the hash. A password that no hash can have, or a hash that is none, such
// as that of nobody, is simply not the one, and takes the time that a wrong password takes. Overloaded when too many wait.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (bool, error) {
	h, possible := parsePHC(hash)
	if !possible {
		h = p.nobody
	}
	if len(password) > MaxPassword {
		password, possible = "", false
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	same := subtle.ConstantTimeCompare(h.hash, p.compute(h.Params, password, h.salt, uint32(len(h.hash)))) == 1
	return same && possible, nil
}

// Weaker says whether hash costs less than one that would be made now.
func (p *Passwords) Weaker(hash string) bool {
	h, ok := parsePHC(hash)
	return ok && (h.Memory < p.params.Memory || h.Time < p.params.Time)
}

// compute normalises first, so that the same password typed on two systems is the same.
func (p Params) compute(password string, salt []byte, size uint32) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, p.Time, p.Memory, p.Threads, size)
}

func (p *Passwords) enter(ctx context.Context) (leave func(), err error) {
	const op = "auth.Passwords"
	if p.waiting.Add(1) > maxQueue {
		p.waiting.Add(-1)
		return nil, &chat.Error{Code: chat.Overloaded, Op: op, Message: "too many passwords are being checked", RetryAfter: 2 * time.Second}
	}
	defer p.waiting.Add(-1)
	late := func() error {
		return &chat.Error{Code: chat.Overloaded, Op: op, Message: "too many passwords are being checked", RetryAfter: 2 * time.Second, Err: ctx.Err()}
	}
	pass := func() {}
	if p.door != nil {
		select {
		case p.door <- struct{}{}:
			pass = func() { <-p.door }
		case <-ctx.Done():
			return nil, late()
		}
	}
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; pass() }, nil
	case <-ctx.Done():
		pass()
		return nil, late()
	}
}

// phc is a hash with everything that made it.
type phc struct {
	Params
	salt, hash []byte
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.Memory, h.Time, h.Threads, b64(h.salt), b64(h.hash))
}

// parsePHC takes exactly what String writes, within maxParams.
func parsePHC(s string) (phc, bool) {
	parts := strings.Split(s, "$")
	if len(s) > 512 || strings.ContainsAny(s, "\r\n") || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, false
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return phc{}, false
	}
	memory, ok1 := cost(costs[0], "m=", uint64(maxParams.Memory))
	passes, ok2 := cost(costs[1], "t=", uint64(maxParams.Time))
	threads, ok3 := cost(costs[2], "p=", uint64(maxParams.Threads))
	salt, err1 := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	hash, err2 := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if !ok1 || !ok2 || !ok3 || err1 != nil || err2 != nil || len(salt) < 8 || len(salt) > 64 || len(hash) < 16 || len(hash) > 64 || memory < 8*threads {
		return phc{}, false
	}
	return phc{Params{Memory: uint32(memory), Time: uint32(passes), Threads: uint8(threads)}, salt, hash}, true
}

func cost(s, prefix string, most uint64) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	n, err := strconv.ParseUint(digits, 10, 32)
	return n, ok && err == nil && n >= 1 && n <= most && strconv.FormatUint(n, 10) == digits
}
