package wire

// The types of frames about people.
const (
	TypeActivity          = "activity"
	TypeUserPresence      = "user_presence"
	TypePreferences       = "preferences"
	TypeAnnouncement      = "announcement"
	TypeAnnouncementEnded = "announcement_ended"
)

// States of a person.
const (
	StateOnline  = "online"
	StateAway    = "away"
	StateDND     = "dnd" // do not disturb
	StateOffline = "offline"
)

// What a connection says about its person with an activity frame.
const (
	ActivityActive = "active"
	ActivityAway   = "away"
	ActivityDND    = "dnd"
)

// SetActivity says what the person does on this connection. Before the first one they are active.
type SetActivity struct {
	Type  string `json:"type"`
	State string `json:"state"` // active, away or dnd
}

// CommandType returns "activity".
func (*SetActivity) CommandType() string { return TypeActivity }

// Ref returns "activity".
func (*SetActivity) Ref() string { return TypeActivity }

func decodeActivity(f *fields) (Command, error) {
	state, err := text(f[fState], "state", 32)
	if err != nil {
		return nil, err
	}
	switch state {
	case ActivityActive, ActivityAway, ActivityDND:
		return &SetActivity{Type: TypeActivity, State: state}, nil
	}
	return nil, invalid("state", "state must be active, away or dnd")
}

// UserPresence says who has another state than before: at most 200 people at once, the others in a frame a little later.
type UserPresence struct {
	Type   string        `json:"type"`
	People []PersonState `json:"people"`
}

// PersonState is whether somebody is here.
type PersonState struct {
	UserID   string `json:"user_id"`
	State    string `json:"state"`              // online, away, dnd (do not disturb) or offline
	LastSeen Time   `json:"last_seen,omitzero"` // of who is offline, if they share it
}

// Status is what somebody says about what they are doing.
type Status struct {
	Emoji string `json:"emoji,omitempty"`
	Text  string `json:"text,omitempty"`
	Until Time   `json:"until,omitzero"` // it ends by itself then
}

// Preferences are what the person wants on all of their devices, after one of them has changed it.
type Preferences struct {
	Type          string   `json:"type"`
	Highlights    []string `json:"highlights"` // words that count as a mention
	DND           DND      `json:"dnd"`
	ShareLastSeen bool     `json:"share_last_seen"`
}

// DND is when the person does not want to be disturbed.
type DND struct {
	Until    Time   `json:"until,omitzero"`
	Schedule *Hours `json:"schedule,omitempty"`
}

// Hours are those of each day in a time zone, over midnight when To is not after From.
type Hours struct {
	From string `json:"from"` // such as 22:00
	To   string `json:"to"`
	Zone string `json:"zone"` // such as Europe/London
}

// Announcement is what an owner tells everybody. A connection gets those that stand behind welcome.
type Announcement struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Content   string `json:"content"`
	HTML      string `json:"html,omitempty"` // as of a message
	User      string `json:"user"`
	UserID    string `json:"user_id"`
	Timestamp Time   `json:"timestamp"`
	Until     Time   `json:"until,omitzero"` // it ends by itself then
}

// AnnouncementEnded takes an announcement back.
type AnnouncementEnded struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// FrameType returns "user_presence".
func (*UserPresence) FrameType() string { return TypeUserPresence }

// FrameType returns "preferences".
func (*Preferences) FrameType() string { return TypePreferences }

// FrameType returns "announcement".
func (*Announcement) FrameType() string { return TypeAnnouncement }

// FrameType returns "announcement_ended".
func (*AnnouncementEnded) FrameType() string { return TypeAnnouncementEnded }

// Append appends the frame as JSON.
func (f *UserPresence) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"user_presence","people":[`...)
	for i, u := range f.People {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"user_id":`...), u.UserID)
		dst = appendString(append(dst, `,"state":`...), u.State)
		dst = appendOptionalTime(dst, `,"last_seen":`, u.LastSeen)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

// Append appends the frame as JSON.
func (f *Preferences) Append(dst []byte) []byte {
	dst = appendNames(dst, `{"type":"preferences","highlights":`, f.Highlights)
	dst = append(dst, `,"dnd":{`...)
	dst = appendOptionalTime(dst, `"until":`, f.DND.Until)
	if h := f.DND.Schedule; h != nil {
		if !f.DND.Until.IsZero() {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `"schedule":{"from":`...), h.From)
		dst = appendString(append(dst, `,"to":`...), h.To)
		dst = appendString(append(dst, `,"zone":`...), h.Zone)
		dst = append(dst, '}')
	}
	dst = append(dst, `},"share_last_seen":`...)
	if f.ShareLastSeen {
		return append(dst, `true}`...)
	}
	return append(dst, `false}`...)
}

// Append appends the frame as JSON.
func (f *Announcement) Append(dst []byte) []byte {
	dst = appendString(append(dst, `{"type":"announcement","id":`...), f.ID)
	dst = appendString(append(dst, `,"content":`...), f.Content)
	dst = appendOptional(dst, `,"html":`, f.HTML)
	dst = appendString(append(dst, `,"user":`...), f.User)
	dst = appendString(append(dst, `,"user_id":`...), f.UserID)
	dst = appendTime(append(dst, `,"timestamp":`...), f.Timestamp)
	dst = appendOptionalTime(dst, `,"until":`, f.Until)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *AnnouncementEnded) Append(dst []byte) []byte {
	return append(appendString(append(dst, `{"type":"announcement_ended","id":`...), f.ID), '}')
}

// appendStatus appends a field with a status, which may be nil.
func appendStatus(dst []byte, key string, s *Status) []byte {
	if s == nil {
		return dst
	}
	dst = append(append(dst, key...), '{')
	begin := len(dst)
	comma := func() {
		if len(dst) > begin {
			dst = append(dst, ',')
		}
	}
	dst = appendOptional(dst, `"emoji":`, s.Emoji)
	if s.Text != "" {
		comma()
		dst = appendString(append(dst, `"text":`...), s.Text)
	}
	if !s.Until.IsZero() {
		comma()
		dst = appendTime(append(dst, `"until":`...), s.Until)
	}
	return append(dst, '}')
}

func appendOptionalTime(dst []byte, key string, t Time) []byte {
	if t.IsZero() {
		return dst
	}
	return appendTime(append(dst, key...), t)
}
