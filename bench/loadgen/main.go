// Loadgen measures a WebSocket chat server from outside. See README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

type config struct {
	label, server, dialect, scenario, src    string
	path, hello, joined, publish, token      string
	pids                                     []int
	conns, rooms, pubs, window, rate, size   int
	slowEvery                                int
	warm, length, settle, drain, joinTimeout time.Duration
}

// result is one run: one JSON line.
type result struct {
	Label    string `json:"label"`
	Scenario string `json:"scenario"`
	Conns    int    `json:"conns"`
	Rooms    int    `json:"rooms"`
	Pubs     int    `json:"pubs"`
	Window   int    `json:"window"`
	Rate     int    `json:"rate"`
	Size     int    `json:"size"`

	ConnectsPerS   float64 `json:"connects_per_s"`
	ConnectCPUus   float64 `json:"connect_cpu_us"`
	RSSPerConn     int64   `json:"rss_per_conn"`
	PSSPerConn     int64   `json:"pss_per_conn"`
	KernelPerConn  int64   `json:"kernel_per_conn"` // slabs and TCP buffers, both ends
	RSSIdle        int64   `json:"rss_idle"`        // before the first connection
	RSSConnected   int64   `json:"rss_connected"`
	RSSAfter       int64   `json:"rss_after"` // at the end of the load
	KernelGrowth   int64   `json:"kernel_growth"`
	IdleCPUPercent float64 `json:"idle_cpu_percent"`

	Seconds       float64 `json:"seconds"`
	Sent          int64   `json:"sent"`
	Deliveries    int64   `json:"deliveries"`
	DeliveriesPS  float64 `json:"deliveries_per_s"`
	CPUus         float64 `json:"cpu_us_per_delivery"`
	CPUSysShare   float64 `json:"cpu_sys_share"`
	ServerCPU     float64 `json:"server_cpu_share"` // 1 = one core busy
	ClientCPU     float64 `json:"client_cpu_share"` // near 1: the client is the limit
	MsgsPerRead   float64 `json:"msgs_per_client_read"`
	BytesPerMsg   float64 `json:"wire_bytes_per_delivery"`
	P50us         float64 `json:"p50_us"`
	P99us         float64 `json:"p99_us"`
	P999us        float64 `json:"p999_us"`
	Missing       int64   `json:"missing"`
	Duplicate     int64   `json:"duplicate_or_reordered"`
	Misrouted     int64   `json:"misrouted"`
	BadFrames     int64   `json:"bad_frames"`
	Disconnected  int     `json:"disconnected"`
	Stalls        int64   `json:"stalls"`
	SlowClosed    int     `json:"slow_closed"`
	SlowDelivered int64   `json:"slow_delivered"`
	SlowMissing   int64   `json:"slow_missing"`
	OK            bool    `json:"ok"` // every reading member got every message once and in order
	LastError     string  `json:"last_error,omitempty"`
}

// options are how a run is made; config says what is measured.
type options struct {
	pids, start, tokenCmd, out string
	serverCPU, clientCPU       int
	report                     bool
}

func (o *options) define(c *config) {
	flag.BoolVar(&o.report, "report", false, "read JSON lines from the files given and print a table")
	flag.StringVar(&c.label, "label", "server", "name of the server in the results")
	flag.StringVar(&c.server, "server", "http://127.0.0.1:8080", "base URL of the server (http or ws)")
	flag.StringVar(&c.dialect, "dialect", "room", "application protocol: "+dialectNames()+", or template")
	flag.StringVar(&c.path, "path", "/ws", "template dialect: request target; {room} and {user} are replaced")
	flag.StringVar(&c.hello, "hello", "", "template dialect: JSON values sent after the upgrade")
	flag.StringVar(&c.joined, "joined", "", "template dialect: text that marks the answer to joining")
	flag.StringVar(&c.publish, "publish", "{body}", "template dialect: a message; {body} is replaced too")
	flag.StringVar(&c.scenario, "scenario", "fanout", "idle, fanout, rooms or slow")
	flag.StringVar(&c.src, "src", "auto", "source address; auto: one of 127/8 for each run, so that ports last")
	flag.IntVar(&c.conns, "conns", 0, "connections (default 10000 for idle and rooms, 1000 otherwise)")
	flag.IntVar(&c.rooms, "rooms", 0, "rooms (default: 100 for idle, conns/10 for rooms, 1 otherwise)")
	flag.IntVar(&c.pubs, "pubs", 0, "publishers per room (default: 4, at most the window; 1 for rooms)")
	flag.IntVar(&c.window, "window", 8, "messages in flight, all publishers together")
	flag.IntVar(&c.rate, "rate", 2000, "rooms: messages per second, all rooms together")
	flag.IntVar(&c.size, "size", 0, "bytes of one message body (default 128; 4096 for slow)")
	flag.IntVar(&c.slowEvery, "slow-every", 20, "slow: every n-th member stops reading")
	flag.DurationVar(&c.warm, "warm", 2*time.Second, "load before measuring")
	flag.DurationVar(&c.length, "time", 8*time.Second, "measured time")
	flag.DurationVar(&c.settle, "settle", 0, "pause after connecting (default 5s for idle, 1s otherwise)")
	flag.DurationVar(&c.drain, "drain", 5*time.Second, "longest wait for the last messages")
	flag.DurationVar(&c.joinTimeout, "join-timeout", 120*time.Second, "longest time to connect everybody")
	flag.StringVar(&o.pids, "pid", "", "process id(s) of the server, comma separated")
	flag.StringVar(&o.start, "start", "", "command that runs the server; it is started for this run and ended after it")
	flag.StringVar(&o.tokenCmd, "token-cmd", "", "command that prints an access token once the server runs; with it the rooms are made first: POST /api/rooms")
	flag.IntVar(&o.serverCPU, "server-cpu", 0, "with -start: CPU the server is pinned to; -1: none")
	flag.IntVar(&o.clientCPU, "cpu", 1, "CPU the load generator pins itself to; -1: none")
	flag.StringVar(&o.out, "out", "", "append the JSON line to this file too")
}

func main() {
	var c config
	var o options
	o.define(&c)
	flag.Parse()

	if o.report {
		check(printReport(flag.Args()))
		return
	}
	c.defaults()
	if o.clientCPU >= 0 {
		pin(o.clientCPU)
	}
	debug.SetGCPercent(400)
	stop, err := func() {}, error(nil)
	if o.start != "" {
		var pid int
		pid, stop = startServer(o.start, o.serverCPU, c.hostport())
		c.pids = []int{pid}
	}
	for _, p := range strings.FieldsFunc(o.pids, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(p)
		check(err)
		c.pids = append(c.pids, n)
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		stop()
		os.Exit(130)
	}()
	if o.tokenCmd != "" {
		c.token, err = commandOutput(o.tokenCmd)
		if err != nil {
			stop()
			check(err)
		}
	}
	var r result
	r, err = c.runScenario()
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "loadgen: %s: %v\n", c.label, err)
		os.Exit(1)
	}
	line, _ := json.Marshal(r)
	fmt.Println(string(line))
	if o.out != "" {
		f, err := os.OpenFile(o.out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		check(err)
		fmt.Fprintln(f, string(line))
		check(f.Close())
	}
	table(os.Stderr, [][]result{{r}})
	if !r.OK {
		os.Exit(2)
	}
}

func (c *config) defaults() {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	wait := time.Second
	switch c.scenario {
	case "idle":
		set(&c.conns, 10000)
		set(&c.rooms, 100)
		wait = 5 * time.Second
	case "rooms":
		set(&c.conns, 10000)
		set(&c.rooms, max(c.conns/10, 1))
		set(&c.pubs, 1)
	case "slow":
		set(&c.size, 4096)
	case "fanout":
	default:
		check(fmt.Errorf("no scenario %q", c.scenario))
	}
	if c.scenario != "slow" {
		c.slowEvery = 0
	}
	if c.settle == 0 {
		c.settle = wait
	}
	set(&c.conns, 1000)
	set(&c.rooms, 1)
	set(&c.pubs, min(4, c.window))
	set(&c.size, 128)
	if c.src == "auto" {
		c.src = ""
		if strings.HasPrefix(c.hostport(), "127.") {
			c.src = fmt.Sprintf("127.%d.%d.1", 1+os.Getpid()%200, 1+os.Getpid()/200%200)
		}
	}
}

func (c *config) hostport() string {
	u, err := url.Parse(c.server)
	check(err)
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "80")
	}
	return u.Host
}

func (c *config) runScenario() (r result, err error) {
	r = result{Label: c.label, Scenario: c.scenario, Conns: c.conns, Rooms: c.rooms,
		Pubs: c.pubs, Window: c.window, Size: c.size}
	d, known := dialects[c.dialect]
	if c.dialect == "template" {
		d = templateDialect(c.path, c.hello, c.joined, c.publish)
	} else if !known {
		return r, fmt.Errorf("no dialect %q", c.dialect)
	}
	run := fmt.Sprintf("%04d", time.Now().UnixMilli()/100%10000)
	e, err := newEngine(d, c.hostport(), c.src, run, c.size)
	if err != nil {
		return r, err
	}
	defer e.close()
	runtime.LockOSThread()
	e.nameRooms(c.rooms)
	if c.token != "" {
		for _, r := range e.rooms {
			if err := createRoom(c.server, c.token, r.name); err != nil {
				return result{}, err
			}
		}
	}

	// Connect.
	rss0, pss0 := memOf(c.pids)
	tcp0, cpu0, t0 := kernelMemory(), c.cpu(), time.Now()
	track := c.scenario == "fanout" || c.scenario == "slow"
	if err := e.connect(c.conns, c.pubs, c.slowEvery, track, c.joinTimeout); err != nil {
		return r, err
	}
	n := float64(c.conns)
	cpu1 := c.cpu()
	r.ConnectsPerS = n / time.Since(t0).Seconds()
	r.ConnectCPUus = us(cpu1.user+cpu1.sys-cpu0.user-cpu0.sys) / n
	check(e.idle(c.settle))
	cpu2 := c.cpu()
	r.IdleCPUPercent = 100 * (cpu2.user + cpu2.sys - cpu1.user - cpu1.sys).Seconds() / c.settle.Seconds()
	rss1, pss1 := memOf(c.pids)
	tcp1 := kernelMemory()
	r.RSSIdle, r.RSSConnected = rss0, rss1
	r.RSSPerConn, r.PSSPerConn = (rss1-rss0)/int64(c.conns), (pss1-pss0)/int64(c.conns)
	r.KernelPerConn = (tcp1 - tcp0) / int64(c.conns)

	if c.scenario != "idle" {
		c.measureLoad(e, &r, tcp1)
	}
	r.Duplicate, r.Misrouted, r.BadFrames, r.Stalls = e.duplicate, e.misrouted, e.bad, e.stalls
	r.Disconnected, r.SlowClosed = e.gone, e.slowGone
	r.SlowDelivered, r.SlowMissing = e.slowDelivered, e.slowMissing
	r.OK = r.Missing+r.Duplicate+r.Misrouted+r.BadFrames+r.Stalls+int64(r.Disconnected) == 0 &&
		(c.scenario == "idle" || r.Deliveries > 0)
	if e.lastErr != nil {
		r.LastError = e.lastErr.Error()
	}
	return r, nil
}

// measureLoad sends, and reads off what a delivery costs and when it comes. kernel is the memory of the kernel before.
func (c *config) measureLoad(e *engine, r *result, kernel int64) {
	step := e.closedLoop(c.window)
	if c.scenario == "rooms" {
		r.Rate, r.Window = c.rate, 0
		step = e.openLoop(c.rate)
	}
	e.mute(true)
	check(e.load(c.warm, step))
	before, cpuA, ownA, tA := e.counters, c.cpu(), ownCPU(), time.Now()
	e.record = true
	check(e.load(c.length, step))
	e.record = false
	took, own := time.Since(tA), ownCPU()-ownA
	cpuB, after := c.cpu(), e.counters
	check(e.drain(c.drain))
	r.RSSAfter, _ = memOf(c.pids)
	r.KernelGrowth = kernelMemory() - kernel
	undelivered := e.undelivered()
	if c.slowEvery > 0 { // let the slow ones read what is left for them
		e.mute(false)
		check(e.idle(2 * time.Second))
	}

	user, sys := cpuB.user-cpuA.user, cpuB.sys-cpuA.sys
	r.Seconds = took.Seconds()
	r.Sent = after.sent - before.sent
	r.Deliveries = after.delivered - before.delivered
	if r.Deliveries > 0 {
		n := float64(r.Deliveries)
		r.DeliveriesPS = n / took.Seconds()
		r.CPUus = us(user+sys) / n
		r.CPUSysShare = sys.Seconds() / max((user+sys).Seconds(), 1e-9)
		r.MsgsPerRead = n / float64(after.reads-before.reads)
		r.BytesPerMsg = float64(after.bytes-before.bytes) / n
	}
	r.ServerCPU = (user + sys).Seconds() / took.Seconds()
	r.ClientCPU = own.Seconds() / took.Seconds()
	r.P50us, r.P99us, r.P999us = us(e.hist.quantile(.5)), us(e.hist.quantile(.99)), us(e.hist.quantile(.999))
	r.Missing = e.missing + undelivered
}

// idle answers pings but sends nothing.
func (e *engine) idle(d time.Duration) error {
	return e.load(d, func(time.Time) time.Duration { return 50 * time.Millisecond })
}

// load polls for d; step sends what is due and says how long to wait at most.
func (e *engine) load(d time.Duration, step func(now time.Time) time.Duration) error {
	end := time.Now().Add(d)
	for now := time.Now(); now.Before(end); now = time.Now() {
		if err := e.poll(min(step(now), end.Sub(now))); err != nil {
			return err
		}
	}
	return nil
}

// closedLoop keeps a number of messages in flight: one is replaced when every
// reading member has it. After 3 s without progress it counts a stall.
func (e *engine) closedLoop(window int) func(time.Time) time.Duration {
	next := 0
	e.lastDone = time.Now()
	return func(now time.Time) time.Duration {
		if e.inflight > 0 && now.Sub(e.lastDone) > 3*time.Second {
			e.stalls++
			e.inflight, e.lastDone = 0, now
		}
		r := e.rooms[0]
		for tries := 0; e.inflight < window && tries < len(r.pubs); {
			p := r.pubs[next%len(r.pubs)]
			next++
			if p.c.state != ready {
				tries++
				continue
			}
			e.publish(r, p)
		}
		return 50 * time.Millisecond
	}
}

// openLoop sends at a fixed total rate, room after room.
func (e *engine) openLoop(rate int) func(time.Time) time.Duration {
	gap := time.Second / time.Duration(rate)
	due, next := time.Now(), 0
	return func(now time.Time) time.Duration {
		for ; !due.After(now); due = due.Add(gap) {
			r := e.rooms[next%len(e.rooms)]
			p := r.pubs[next/len(e.rooms)%len(r.pubs)]
			next++
			if p.c.state == ready {
				e.publish(r, p)
			}
		}
		return due.Sub(now)
	}
}

func (e *engine) drain(limit time.Duration) error {
	for end := time.Now().Add(limit); e.undelivered() > 0 && time.Now().Before(end); {
		if err := e.idle(20 * time.Millisecond); err != nil {
			return err
		}
	}
	return e.idle(200 * time.Millisecond) // anything sent twice would come now
}

func (c *config) cpu() usage {
	u, err := cpuOf(c.pids)
	check(err)
	return u
}

// startServer runs the command pinned to a CPU and waits until it listens.
func startServer(command string, cpu int, hostport string) (int, func()) {
	args := []string{"sh", "-c", "exec " + command}
	if cpu >= 0 {
		args = append([]string{"taskset", "-c", strconv.Itoa(cpu)}, args...)
	} else { // do not hand down our own pinning
		args = append([]string{"taskset", "-c", fmt.Sprintf("0-%d", runtime.NumCPU()-1)}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = nil, nil
	check(cmd.Start())
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	stop := func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(3 * time.Second):
			cmd.Process.Kill()
			<-exited
		}
	}
	for range 200 {
		select {
		case <-exited:
			check(fmt.Errorf("the server ended at once: %s", command))
		case <-time.After(100 * time.Millisecond):
		}
		if c, err := net.Dial("tcp", hostport); err == nil {
			c.Close()
			time.Sleep(time.Second) // let its memory settle
			return cmd.Process.Pid, stop
		}
	}
	stop()
	check(fmt.Errorf("nothing listens on %s", hostport))
	return 0, nil
}

func pin(cpu int) {
	var set [16]uint64
	set[cpu/64] = 1 << (cpu % 64)
	tids, err := os.ReadDir("/proc/self/task") // new threads inherit it from these
	check(err)
	for _, t := range tids {
		tid, _ := strconv.Atoi(t.Name())
		syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(tid), unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
	}
	runtime.GOMAXPROCS(1)
}

func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}
