package auth

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/internal/chat"
)

var cheap = Params{Memory: 8, Time: 1, Threads: 1}

func TestAPasswordIsRecognised(t *testing.T) {
	ctx := context.Background()
	p := NewPasswords(cheap)
	hash, err := p.Hash(ctx, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("hash is %s", hash)
	}
	again, err := p.Hash(ctx, "correct horse")
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are the same: %s, %v", again, err)
	}
	// The parameters come from the hash: one made with others is verified with those.
	costly := NewPasswords(DefaultParams)
	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "": false, strings.Repeat("x", MaxPassword+1): false} {
		if got, err := costly.Verify(ctx, hash, password); got != want || err != nil {
			t.Errorf("%.20q: got %v, %v", password, got, err)
		}
	}
}

func TestAKnownHash(t *testing.T) {
	// Made with the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	got, err := NewPasswords(cheap).Verify(context.Background(), known, "password")
	if !got || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTheSameLettersAreTheSamePassword(t *testing.T) {
	ctx := context.Background()
	p := NewPasswords(cheap)
	hash, err := p.Hash(ctx, "caf\u00e9 terrace")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Verify(ctx, hash, "cafe\u0301 terrace"); !got || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNewPasswordsHaveBounds(t *testing.T) {
	cases := map[string]chat.Code{
		"":                                 chat.Invalid,
		"1234567":                          chat.Invalid,
		"ééééééé":                          chat.Invalid,
		"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8": chat.Invalid,
		strings.Repeat("x", 1025):          chat.TooLarge,
		"12345678":                         "",
		strings.Repeat("x", 1024):          "",
	}
	for password, want := range cases {
		if _, err := NewPasswords(cheap).Hash(context.Background(), password); chat.CodeOf(err) != want {
			t.Errorf("%.20q: got %v, want %q", password, err, want)
		}
	}
}

// A hash in the database must not be able to take the server's memory or time, nor panic the hash function.
func TestHashesThatWeDidNotMakeAreNoOnes(t *testing.T) {
	const salt, hash = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, h := range []string{
		"",
		"password",
		"$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + hash,
		"$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=4294967295,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=1,p=256$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=1,p=2$" + salt + "$" + hash,
		"$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=8,t=1,p=1$$" + hash,
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash + "$",
	} {
		if got, err := NewPasswords(cheap).Verify(context.Background(), h, "password"); got || err != nil {
			t.Errorf("%q: got %v, %v", h, got, err)
		}
	}
}

func TestHalfOfTheProcessorsAndAQueueWithAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPasswords(cheap)
		var leaves []func()
		for range max(1, runtime.GOMAXPROCS(0)/2) {
			leave, err := p.enter(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leave)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for range maxQueue {
			wg.Go(func() {
				if _, err := p.enter(ctx); chat.CodeOf(err) != chat.Overloaded {
					t.Errorf("waited until it gave up: %v", err)
				}
			})
		}
		synctest.Wait()
		if _, err := p.enter(context.Background()); chat.CodeOf(err) != chat.Overloaded {
			t.Errorf("behind a full queue: %v", err)
		}
		cancel()
		wg.Wait()
		for _, leave := range leaves {
			leave()
		}
		leave, err := p.enter(context.Background())
		if err != nil {
			t.Fatalf("when all have left: %v", err)
		}
		leave()
	})
}

// What is longer than any password is hashed as an empty one, but is none.
func TestATooLongPasswordIsNotTheEmptyOne(t *testing.T) {
	p := NewPasswords(cheap)
	salt := make([]byte, saltSize)
	empty := phc{cheap, salt, cheap.compute("", salt, hashSize)}.String()
	if got, err := p.Verify(context.Background(), empty, ""); !got || err != nil {
		t.Fatalf("got %v, %v", got, err)
	}
	if got, err := p.Verify(context.Background(), empty, strings.Repeat("x", MaxPassword+1)); got || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestWeaker(t *testing.T) {
	p := NewPasswords(Params{Memory: 16, Time: 2, Threads: 1})
	for params, want := range map[Params]bool{
		{16, 2, 1}: false, {32, 2, 1}: false, {16, 3, 1}: false, {8, 2, 1}: true, {16, 1, 1}: true, {32, 1, 1}: true,
	} {
		hash := phc{params, make([]byte, saltSize), make([]byte, hashSize)}.String()
		if got := p.Weaker(hash); got != want {
			t.Errorf("%+v: %v, want %v", params, got, want)
		}
	}
	if p.Weaker("") || p.Weaker("x") {
		t.Error("what is no hash is weaker")
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$")
	f.Add("$$$$$")
	f.Add("$argon2id$v=19$m=10,t=1,p=1$00000000000$0000000000000000\r0000000") // base64 leaves out what ends lines
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := parsePHC(s)
		if ok && h.String() != s {
			t.Errorf("%q became %q", s, h.String())
		}
		if ok && (h.Memory > maxParams.Memory || h.Time > maxParams.Time || h.Threads > maxParams.Threads) {
			t.Errorf("%q costs too much", s)
		}
	})
}
