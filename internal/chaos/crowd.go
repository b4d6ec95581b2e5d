package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/process"
	"github.com/parley-chat/parley/internal/chaos/proxy"
)

// The server has these rooms from the start; further ones are made.
var firstRooms = []string{"general", "random", "help"}

// serverFlags: the limits are off, because everybody comes from one address and some come back very fast.
var serverFlags = []string{"--rate-limits", "off", "--log-level", "warn"}

// prepare starts the server, makes accounts and rooms. When it fails, nothing is left running.
func (r *run) prepare(ctx context.Context, log io.Writer) (err error) {
	addr, err := process.FreeAddr()
	if err != nil {
		return err
	}
	data := filepath.Join(r.Dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	r.server = &process.Server{Binary: r.Binary, Data: data, Addr: addr, Flags: serverFlags, Log: log}
	version, err := r.server.Command(ctx, "", "version")
	if err != nil {
		return err
	}
	r.meta.Binary = strings.TrimSpace(version)
	if builtWithFaults(r.Binary) {
		r.server.SetEnv("PARLEY_CLOCK_FILE=" + r.clockFile())
		if err := r.setClock(0); err != nil {
			return err
		}
	}
	if err := r.mount(data); err != nil {
		return fmt.Errorf("mounting a disk that can fail: %w", err)
	}
	defer func() {
		if err != nil {
			r.server.Kill()
			err = errors.Join(err, r.unmount())
		}
	}()
	if r.medium != nil {
		r.backing = r.medium.Backing()
	}
	if err := r.server.Start(ctx); err != nil {
		return err
	}
	if r.proxy, err = proxy.Listen(addr); err != nil {
		return err
	}
	if err = r.settlers(ctx); err != nil {
		r.proxy.Close()
	}
	return err
}

// settlers makes the accounts, through the command line as their owner would, and the rooms.
func (r *run) settlers(ctx context.Context) error {
	direct := newAPI(r.server.Addr)
	defer direct.close()
	for i := range max(3, r.Senders/2) {
		p := &person{name: fmt.Sprintf("person-%d", i), first: i%2 == 1}
		if _, err := r.server.Command(ctx, "a password of "+p.name+"\n", "user", "add", p.name, "--data", r.server.Data); err != nil {
			return err
		}
		token, err := r.server.Command(ctx, "", "token", p.name, "--ttl", "720h", "--data", r.server.Data)
		if err != nil {
			return err
		}
		p.token = strings.TrimSpace(token)
		var me struct {
			ID string `json:"id"`
		}
		if status, f, err := direct.call(ctx, http.MethodGet, "/api/me", p.token, nil, &me); err != nil || status != http.StatusOK {
			return fmt.Errorf("/api/me: %d %s %w", status, f.Code, err)
		}
		p.id = me.ID
		r.people = append(r.people, p)
		r.meta.People[p.name] = p.id
	}
	for i := range r.Rooms {
		if i < len(firstRooms) {
			r.rooms = append(r.rooms, firstRooms[i])
			continue
		}
		name := fmt.Sprintf("room-%d", i)
		if status, f, err := direct.call(ctx, http.MethodPost, "/api/rooms", r.people[0].token, object{"name": name}, nil); err != nil || status != http.StatusCreated {
			return fmt.Errorf("making %s: %d %s %w", name, status, f.Code, err)
		}
		r.rooms = append(r.rooms, name)
	}
	r.meta.Rooms = r.rooms
	return nil
}

// gather plans who is there: of the senders every third says things on a room's own socket and every fourth over REST; of
// the readers one pages over REST alone, one stands still at times and one comes back with positions that are not its own. The last person is the one who is taken out.
// For every six senders, and one at least, somebody changes messages; what they draw changes nobody else's plan.
func (r *run) gather(rng *rand.Rand) error {
	some := func() []string { // one to three rooms
		order := rng.Perm(len(r.rooms))
		var names []string
		for _, i := range order[:1+rng.IntN(min(3, len(order)))] {
			names = append(names, r.rooms[i])
		}
		return names
	}
	own := func() *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), 2)) }
	for i := range r.Senders {
		p := r.people[i%len(r.people)]
		var err error
		switch {
		case i%4 == 3:
			err = r.addPoster(fmt.Sprintf("poster-%d", i), p, some(), own())
		case i%3 == 1:
			err = r.addDevice(&device{form: "room-socket", person: p, rooms: some()[:1], window: 1 + 7*(i&1), rng: own()}, fmt.Sprintf("room-sender-%d", i))
		default:
			err = r.addDevice(&device{form: "device", person: p, rooms: some(), window: 1 + 7*(i&1), stay: 200 * (i % 2), rng: own()}, fmt.Sprintf("sender-%d", i))
		}
		if err != nil {
			return err
		}
	}
	for i := range r.Readers {
		p := r.people[(i*2+1)%len(r.people)]
		var err error
		switch name := fmt.Sprintf("reader-%d", i); i % 6 {
		case 2:
			err = r.addPager(name, p, r.rooms[rng.IntN(len(r.rooms))], own())
		case 3:
			err = r.addDevice(&device{form: "staller", person: p, rooms: r.rooms, rng: own(), direct: true}, name)
		case 4:
			err = r.addDevice(&device{form: "device", person: p, rooms: r.rooms, stay: 120, strays: true, rng: own()}, name)
		case 1, 5:
			err = r.addDevice(&device{form: "device", person: p, rooms: some(), stay: 60, forgets: i == 5, rng: own()}, name)
		default:
			err = r.addDevice(&device{form: "device", person: p, rooms: r.rooms, rng: own()}, name)
		}
		if err != nil {
			return err
		}
	}
	for i := range max(1, r.Senders/6) {
		p := r.people[i*(len(r.people)-1)%len(r.people)] // first, last, last but one...
		if err := r.addChanger(fmt.Sprintf("changer-%d", i), p, r.rooms, rand.New(rand.NewPCG(r.Seed, uint64(3+i)))); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) addDevice(d *device, name string) (err error) {
	d.run, d.name = r, name
	d.where, d.cursors = map[string]position{}, map[string]cursor{}
	d.online, d.subscribed = map[string][]string{}, map[string]int{}
	d.seenN = map[string]uint64{}
	d.w, err = history.Create(r.Dir, name, d.person.name, d.form)
	r.clients = append(r.clients, d)
	r.hearing.Add(1)
	r.settling.Add(1)
	if d.person.first {
		r.leaving.Add(1)
	} else {
		r.staying.Add(1)
	}
	if d.window > 0 {
		r.sending.Add(1)
	}
	return err
}

func (r *run) addPoster(name string, who *person, rooms []string, rng *rand.Rand) error {
	w, err := history.Create(r.Dir, name, who.name, "poster")
	r.clients = append(r.clients, r.newPoster(name, who, rooms, rng, w))
	r.sending.Add(1)
	return err
}

func (r *run) newPoster(name string, who *person, rooms []string, rng *rand.Rand, w *history.Writer) *poster {
	return &poster{run: r, name: name, person: who, rooms: rooms, rng: rng, w: w, api: newAPI(r.proxy.Addr())}
}

func (r *run) addChanger(name string, who *person, rooms []string, rng *rand.Rand) error {
	w, err := history.Create(r.Dir, name, who.name, "changer")
	r.clients = append(r.clients, &changer{poster: *r.newPoster(name, who, rooms, rng, w)})
	r.sending.Add(1)
	return err
}

func (r *run) addPager(name string, who *person, room string, rng *rand.Rand) error {
	w, err := history.Create(r.Dir, name, who.name, "pager")
	r.clients = append(r.clients, &pager{run: r, name: name, person: who, room: room, rng: rng, w: w, api: newAPI(r.proxy.Addr())})
	return err
}

// begin lets everybody in.
func (r *run) begin(ctx context.Context) {
	for _, c := range r.clients {
		r.present.Go(func() { c.live(ctx) })
	}
}
