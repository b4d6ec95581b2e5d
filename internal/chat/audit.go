package chat

import (
	"context"
	"encoding/json"
	"time"
)

// What the audit log records.
const (
	AuditUserCreated      = "user_created"      // data: {"by":"setup"|"invite"|"registration"|"command line"|"host"}, with "invite" its id
	AuditRoleChanged      = "role_changed"      // data: {"role","was"}
	AuditUserDisabled     = "user_disabled"     //
	AuditUserEnabled      = "user_enabled"      //
	AuditPasswordSet      = "password_set"      // by somebody else than the user
	AuditRoomArchived     = "room_archived"     //
	AuditRoomUnarchived   = "room_unarchived"   //
	AuditMessageDeleted   = "message_deleted"   // somebody else's; data: {"room","room_id","message"}, with "reason" if one was given
	AuditRoomRenamed      = "room_renamed"      // data: {"name","was"}
	AuditRoomSettings     = "room_settings"     // data: {"read_only","history","slow_mode"}
	AuditRoomRole         = "room_role_changed" // data: {"room","room_id","role","was"}
	AuditMemberRemoved    = "member_removed"    // data: {"room","room_id"}, with "reason" and "banned"; leaving is in no log
	AuditInviteCreated    = "invite_created"    // data: {"max_uses","expires"}
	AuditInviteRevoked    = "invite_revoked"    //
	AuditWorkspaceChanged = "workspace_changed" // data: {"name","hue","was":{"name","hue"}}

	AuditUserBlocked       = "user_blocked"       // not shown to whoever is blocked
	AuditUserUnblocked     = "user_unblocked"     // likewise
	AuditMessageReported   = "message_reported"   // the subject is a message with its author's name; data: {"room","room_id","report"}
	AuditReportResolved    = "report_resolved"    // as message_reported
	AuditAnnounced         = "announced"          // data: {"content","until"}
	AuditAnnouncementEnded = "announcement_ended" //
)

const maxAudit = 200 // entries in one answer

// AuditEntry is one act that the owner can look up later. It is written in the transaction of the act and never changed.
type AuditEntry struct {
	ID          int64 // grows; given by the store
	At          time.Time
	Actor       UserID // "" is the command line or the host
	ActorName   string // as it was then
	Action      string
	Subject     string // id of the user, room or invitation; "" is the workspace
	SubjectName string // as it was then; "" of an invitation
	Data        string // JSON object
}

// AuditStore keeps the log. Entries come into it with the acts that they are about, in the methods of other stores.
type AuditStore interface {
	// Audit lists entries below the id before, newest first, at most limit.
	Audit(ctx context.Context, before int64, limit int) ([]AuditEntry, error)
}

// Audit reads the log: entries below the id before (0: from the newest), newest first, at most limit (0: 50, at most
// 200). For owners alone.
func (s *Service) Audit(ctx context.Context, by Actor, before int64, limit int) ([]AuditEntry, error) {
	const op = "chat.Audit"
	switch {
	case before < 0:
		return nil, Errorf(Invalid, op, "before must be at least 1")
	case limit < 0 || limit > maxAudit:
		return nil, Errorf(Invalid, op, "limit must be between 1 and %d", maxAudit)
	case limit == 0:
		limit = 50
	}
	u, err := s.current(ctx, op, by)
	if err != nil {
		return nil, err
	}
	if err := MayGovern(u); err != nil {
		return nil, withOp(op, err)
	}
	es, err := s.audit(ctx, u.ID, before, limit)
	return es, withOp(op, err)
}

// audit reads the log without what reader must not learn from it: who has blocked them.
func (s *Service) audit(ctx context.Context, reader UserID, before int64, limit int) ([]AuditEntry, error) {
	var list []AuditEntry
	for {
		es, err := s.store.Audit(ctx, before, limit)
		if err != nil {
			return nil, err
		}
		for _, e := range es {
			if blocking := e.Action == AuditUserBlocked || e.Action == AuditUserUnblocked; !blocking || e.Subject != string(reader) {
				list = append(list, e)
			}
			if len(list) == limit {
				return list, nil
			}
		}
		if len(es) < limit {
			return list, nil
		}
		before = es[len(es)-1].ID
	}
}

// entryBy begins an entry about an act of by.
func entryBy(by User, at time.Time, action string) AuditEntry {
	return AuditEntry{At: at, Actor: by.ID, ActorName: by.Name, Action: action, Data: "{}"}
}

// about says whom or what it is about.
func (e AuditEntry) about(subject, name string) AuditEntry {
	e.Subject, e.SubjectName = subject, name
	return e
}

// with gives it data. What is given can always be written as JSON: names, numbers and times.
func (e AuditEntry) with(data map[string]any) AuditEntry {
	b, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	e.Data = string(b)
	return e
}

// Audit is the entry that a new account leaves in the log: the user's own act, or the command line's. invite is the
// invitation that was used, "" for none.
func (a Admission) Audit(u User, invite InviteID) AuditEntry {
	actor := u
	switch a.By {
	case ByCommandLine:
		actor = Operator.asUser()
	case ByHost:
		actor = Host.asUser()
	}
	data := map[string]any{"by": a.By}
	if invite != "" {
		data["invite"] = string(invite)
	}
	return entryBy(actor, u.Created, AuditUserCreated).about(string(u.ID), u.Name).with(data)
}

// AuditCreated is the entry that a new invitation by by leaves in the log.
func (i Invite) AuditCreated(by User) AuditEntry {
	data := map[string]any{"max_uses": i.MaxUses}
	if !i.Expires.IsZero() {
		data["expires"] = i.Expires.Format(time.RFC3339)
	}
	return entryBy(by, i.Created, AuditInviteCreated).about(string(i.ID), "").with(data)
}

// AuditRevoked is the entry that ending an invitation leaves in the log.
func (i Invite) AuditRevoked(by User, at time.Time) AuditEntry {
	return entryBy(by, at, AuditInviteRevoked).about(string(i.ID), "")
}

// Audit is the entry that a change of a room by the user by leaves in the log; ok is false for changes that leave none.
// subject is the user it is about, if it is about one: of a message its author.
func (c *ChangeOp) Audit(by, subject User) (e AuditEntry, ok bool) {
	data := map[string]any{}
	if json.Unmarshal([]byte(c.Data), &data) != nil {
		data = map[string]any{}
	}
	delete(data, "user")
	delete(data, "user_id")
	ofRoom := func(action string) AuditEntry {
		return entryBy(by, c.Created, action).about(string(c.Room), c.RoomName)
	}
	ofMember := func(action string) AuditEntry {
		data["room"], data["room_id"] = c.RoomName, string(c.Room)
		return entryBy(by, c.Created, action).about(string(subject.ID), subject.Name).with(data)
	}
	switch c.Kind {
	case ChangeArchived:
		return ofRoom(AuditRoomArchived), true
	case ChangeUnarchived:
		return ofRoom(AuditRoomUnarchived), true
	case ChangeRenamed:
		return ofRoom(AuditRoomRenamed).with(data), true
	case ChangeSettings:
		return ofRoom(AuditRoomSettings).with(data), true
	case ChangeRole:
		return ofMember(AuditRoomRole), true
	case ChangeMemberRemoved:
		return ofMember(AuditMemberRemoved), by.ID != subject.ID
	case ChangeDelete:
		if by.ID == subject.ID {
			break
		}
		data = map[string]any{"room": c.RoomName, "room_id": string(c.Room), "message": c.Message}
		if c.Reason != "" {
			data["reason"] = c.Reason
		}
		return entryBy(by, c.Created, AuditMessageDeleted).about(string(subject.ID), subject.Name).with(data), true
	}
	return AuditEntry{}, false
}
