// Package sqlite keeps everything in one SQLite file. It implements chat.Store.
//
// What it promises: when Commit returns without an error, the batch is on disk (WAL, synchronous=FULL). There is one
// writer connection, whose transactions begin IMMEDIATE, so what a transaction reads is true until it commits; seq and n
// are read there and nowhere else. Reads use other connections that cannot write, each question in one transaction.
//
// A full disk rolls the batch back and is an ordinary error. Any other failure to write or to sync ends the process
// (Options.Fatal): the kernel drops dirty pages when fsync fails, so a second try would claim what is lost. The next
// start recovers from the log.
package sqlite
