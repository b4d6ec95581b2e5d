package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nobody is the user without rights, for when the tests are run by root.
const nobody = 65534

// proxy is nginx or Caddy as a process without rights, in a folder of its own, which ends with the test.
type proxy struct {
	program     string
	dir         string
	http, https string // where it listens
	log         *output
	proc        *process
}

// startProxy runs a program with a configuration that is changed in nothing but ports, the address of Parley, and the
// files of certificates.
func startProxy(t *testing.T, program, block, parley string) *proxy {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program)
	}
	if err != nil {
		t.Fatalf("%s is needed here: run scripts/need nginx caddy", program)
	}
	dir, err := os.MkdirTemp("", "parley-proxy-")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{program: program, dir: dir, http: freeAddr(t), https: freeAddr(t), log: &output{}}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	block = substitute(t, block, `127\.0\.0\.1:8080`, parley)
	var cmd *exec.Cmd
	if program == "nginx" {
		cmd = p.nginx(t, path, block)
	} else {
		cmd = p.caddy(t, path, block)
	}
	p.run(t, cmd)
	return p
}

// substitute replaces what must be there.
func substitute(t *testing.T, text, pattern, replacement string) string {
	t.Helper()
	re := regexp.MustCompile(`(?m)` + pattern)
	if !re.MatchString(text) {
		t.Fatalf("the configuration has no %s", pattern)
	}
	return re.ReplaceAllString(text, replacement)
}

func (p *proxy) nginx(t *testing.T, path, block string) *exec.Cmd {
	t.Helper()
	block = substitute(t, block, `^ *listen \[::\].*\n`, "")
	block = substitute(t, block, `listen 443 `, "listen "+p.https+" ")
	if strings.Contains(block, "listen 80;") {
		block = substitute(t, block, `listen 80;`, "listen "+p.http+";")
	}
	block = substitute(t, block, `ssl_certificate +\S+;`, "ssl_certificate "+p.dir+"/cert.pem;")
	block = substitute(t, block, `ssl_certificate_key +\S+;`, "ssl_certificate_key "+p.dir+"/key.pem;")
	p.selfSigned(t, regexp.MustCompile(`server_name (\S+);`).FindStringSubmatch(block)[1])
	var http strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&http, "%s_temp_path %s/%s;\n", kind, p.dir, kind)
	}
	p.write(t, "nginx.conf", fmt.Sprintf("daemon off;\nmaster_process off;\npid %s/nginx.pid;\nerror_log stderr info;\nevents {}\nhttp {\naccess_log %s/access.log;\n%s\n%s}\n",
		p.dir, p.dir, &http, block))
	return exec.Command(path, "-p", p.dir, "-e", "stderr", "-c", p.dir+"/nginx.conf")
}

func (p *proxy) caddy(t *testing.T, path, block string) *exec.Cmd {
	t.Helper()
	_, httpPort, _ := net.SplitHostPort(p.http)
	_, httpsPort, _ := net.SplitHostPort(p.https)
	p.write(t, "Caddyfile", fmt.Sprintf("{\nadmin off\ndefault_bind 127.0.0.1\nhttp_port %s\nhttps_port %s\nlocal_certs\nskip_install_trust\n}\n%s", httpPort, httpsPort, block))
	cmd := exec.Command(path, "run", "--config", p.dir+"/Caddyfile", "--adapter", "caddyfile")
	cmd.Env = []string{"HOME=" + p.dir, "XDG_DATA_HOME=" + p.dir, "XDG_CONFIG_HOME=" + p.dir, "PATH=" + os.Getenv("PATH")}
	return cmd
}

func (p *proxy) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// selfSigned makes a certificate that is its own root.
func (p *proxy) selfSigned(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	p.write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// run starts the process in the foreground and ends it with the test.
func (p *proxy) run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := filepath.WalkDir(p.dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, nobody, nobody)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.proc = &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.proc.err = cmd.Wait()
		close(p.proc.done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.proc.done
		if t.Failed() {
			t.Logf("the log of %s (its end):\n%s", p.program, tail(p.log.String(), 8<<10))
		}
	})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		c, err := net.Dial("tcp", p.https)
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-p.proc.done:
			t.Fatalf("%s ended at once: %v", p.program, p.proc.err)
		case <-deadline:
			t.Fatalf("%s does not listen: %v", p.program, err)
		}
	}
}

// stop ends the process in order, when it has written its logs.
func (p *proxy) stop(t *testing.T) {
	t.Helper()
	signal := syscall.SIGTERM
	if p.program == "nginx" {
		signal = syscall.SIGQUIT // with SIGTERM it does not wait for requests
	}
	if err := p.proc.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.proc.done:
	case <-time.After(patience):
		t.Errorf("%s does not end", p.program)
	}
}

// roots trusts the proxy's certificate.
func (p *proxy) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	file := "cert.pem"
	if p.program == "caddy" {
		file = "caddy/pki/authorities/local/root.crt"
	}
	b, err := os.ReadFile(filepath.Join(p.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		t.Fatalf("%s holds no certificate", file)
	}
	return pool
}

// everything is all that the proxy has logged.
func (p *proxy) everything(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, "access.log"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return p.log.String() + string(b)
}
