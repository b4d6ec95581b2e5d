package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate checks whose file it is and brings its schema to the present.
func (s *Store) migrate(ctx context.Context) (err error) {
	db, err := sql.Open("sqlite", dataSource(s.path, "busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := claim(ctx, db); err != nil {
		return err
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		return err
	}
	has, known, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > known {
		return fmt.Errorf("it was written by a newer Parley (schema %d, this one knows %d): use that version", has, known)
	}
	results, err := p.Up(ctx)
	for _, r := range results {
		s.log.Info("database migrated", "version", r.Source.Version, "took", r.Duration)
	}
	return err
}

// claim refuses a file that is not Parley's and marks a new one.
func claim(ctx context.Context, db *sql.DB) error {
	var id, tables int
	err := errors.Join(
		db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id),
		db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables))
	switch e := (*sqlite.Error)(nil); {
	case errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return errors.New("it is not a SQLite database")
	case err != nil:
		return err
	case id == applicationID:
		return nil
	case id != 0 || tables != 0:
		return errors.New("it belongs to another program")
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}
