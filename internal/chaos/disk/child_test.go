package disk_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// patience is how long a child may take for what it has to do. It is no measure of speed.
const patience = 60 * time.Second

// Whoever serves the disk must not map its files, so databases are opened by another process: this binary again.
func play(role string, args []string) int {
	var err error
	switch role {
	case "map":
		err = mapFile(args[0])
	case "lock":
		err = lockFile(args[0])
	case "sqlite-write":
		err = sqliteWrite(args[0], args[1])
	case "sqlite-read":
		err = sqliteRead(args[0])
	case "store-write":
		err = storeWrite(args[0])
	case "store-read":
		err = storeRead(args[0])
	default:
		err = fmt.Errorf("no such role: %s", role)
	}
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// child starts the test binary in a role. It is killed after its time.
func child(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), childRole+"="+role, "GORACE=atexit_sleep_ms=0") // or each child takes a second to end
	cmd.Stderr = os.Stderr
	return cmd
}

// ask runs a child to its end and returns what it printed.
func ask(t *testing.T, role string, args ...string) (string, error) {
	t.Helper()
	out, err := child(t, role, args...).Output()
	return string(out), err
}

// until runs a child that prints a line for each thing it has been promised, kills it after so many lines, and returns
// them all: what it printed before it died counts.
func until(t *testing.T, lines int, role string, args ...string) []string {
	t.Helper()
	cmd := child(t, role, args...)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	var all []string
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if strings.HasPrefix(scan.Text(), "error:") {
			t.Errorf("%s: %s", role, scan.Text())
		}
		if all = append(all, scan.Text()); len(all) == lines {
			check(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); len(all) < lines {
		t.Fatalf("%s ended after %d lines: %v", role, len(all), err)
	}
	return all
}

// openSQLite opens a database in WAL mode.
func openSQLite(path, synchronous string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous("+synchronous+")")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// sqliteWrite inserts the numbers from where the table ends, each in its transaction, and prints each when it is
// committed. It does not end.
func sqliteWrite(path, synchronous string) error {
	db, err := openSQLite(path, synchronous)
	if err != nil {
		return err
	}
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, filler TEXT NOT NULL)"); err != nil {
		return err
	}
	for {
		var n int
		if err := db.QueryRow("INSERT INTO t SELECT coalesce(max(n), 0) + 1, ? FROM t RETURNING n", strings.Repeat("x", 700)).Scan(&n); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// sqliteRead prints how many numbers a sound table holds.
func sqliteRead(path string) error {
	db, err := openSQLite(path, "FULL")
	if err != nil {
		return err
	}
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Errorf("integrity_check: %s %w", verdict, err)
	}
	var count, last int
	if err := db.QueryRow("SELECT count(*), coalesce(max(n), 0) FROM t").Scan(&count, &last); err != nil {
		return err
	}
	if count != last {
		return fmt.Errorf("%d numbers up to %d", count, last)
	}
	fmt.Println(count)
	return db.Close()
}

// kept asks how many numbers are in a table; an error if it cannot be read.
func kept(t *testing.T, path string) (int, error) {
	t.Helper()
	out, err := ask(t, "sqlite-read", path)
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	return strconv.Atoi(strings.TrimSpace(out))
}
