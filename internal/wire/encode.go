package wire

import "strconv"

// Append appends the frame as JSON.
func (f *Message) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"message","room":`...)
	dst = appendString(dst, f.Room)
	dst = append(dst, `,"id":`...)
	dst = appendString(dst, f.ID)
	dst = appendNumber(dst, `,"seq":`, f.Seq)
	dst = appendPlace(dst, f.N)
	dst = append(dst, `,"user":`...)
	dst = appendString(dst, f.User)
	dst = append(dst, `,"user_id":`...)
	dst = appendString(dst, f.UserID)
	dst = append(dst, `,"content":`...)
	dst = appendString(dst, f.Content)
	dst = appendOptional(dst, `,"html":`, f.HTML)
	dst = append(dst, `,"timestamp":`...)
	dst = appendTime(dst, f.Timestamp)
	dst = appendOptional(dst, `,"client_id":`, f.ClientID)
	if f.Deleted {
		dst = append(dst, `,"deleted":true`...)
	}
	dst = appendMoment(dst, `,"edited":`, f.Edited)
	dst = appendOptional(dst, `,"thread":`, f.Thread)
	dst = appendOptional(dst, `,"quote":`, f.Quote)
	return append(appendRelations(dst, f.Mentions, f.MentionsAll, f.Replies), '}')
}

// appendPlace appends the place among top-level messages; a reply has none.
func appendPlace(dst []byte, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return appendNumber(dst, `,"n":`, n)
}

func appendMoment(dst []byte, key string, t Time) []byte {
	if t.IsZero() {
		return dst
	}
	return appendTime(append(dst, key...), t)
}

func appendRelations(dst []byte, mentions []string, all string, replies *Replies) []byte {
	if len(mentions) > 0 {
		dst = appendNames(dst, `,"mentions":`, mentions)
	}
	dst = appendOptional(dst, `,"mentions_all":`, all)
	if replies != nil {
		dst = replies.append(append(dst, `,"replies":`...))
	}
	return dst
}

func (r *Replies) append(dst []byte) []byte {
	dst = appendInt(dst, `{"count":`, int64(r.Count))
	dst = appendNumber(dst, `,"last_seq":`, r.LastSeq)
	dst = append(dst, `,"last":`...)
	dst = appendTime(dst, r.Last)
	return append(appendPeople(dst, `,"users":`, r.Users), '}')
}

func appendPeople(dst []byte, key string, people []Person) []byte {
	dst = append(append(dst, key...), '[')
	for i, p := range people {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"id":`...), p.ID)
		dst = append(appendString(append(dst, `,"name":`...), p.Name), '}')
	}
	return append(dst, ']')
}

// Append appends the frame as JSON.
func (f *Ack) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"ack","room":`...)
	dst = appendString(dst, f.Room)
	dst = append(dst, `,"client_id":`...)
	dst = appendString(dst, f.ClientID)
	dst = append(dst, `,"id":`...)
	dst = appendString(dst, f.ID)
	dst = appendNumber(dst, `,"seq":`, f.Seq)
	dst = appendPlace(dst, f.N)
	dst = appendOptional(dst, `,"html":`, f.HTML)
	dst = append(dst, `,"timestamp":`...)
	dst = appendTime(dst, f.Timestamp)
	dst = appendMoment(dst, `,"edited":`, f.Edited)
	dst = appendOptional(dst, `,"content":`, f.Content)
	if f.Deleted {
		dst = append(dst, `,"deleted":true`...)
	}
	dst = appendOptional(dst, `,"thread":`, f.Thread)
	return append(appendRelations(dst, f.Mentions, f.MentionsAll, f.Replies), '}')
}

// Append appends the frame as JSON.
func (f *Change) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"change","room":`...)
	dst = appendString(dst, f.Room)
	dst = appendNumber(dst, `,"seq":`, f.Seq)
	dst = append(dst, `,"id":`...)
	dst = appendString(dst, f.ID)
	dst = append(dst, `,"kind":`...)
	dst = appendString(dst, f.Kind)
	dst = appendOptional(dst, `,"message":`, f.Message)
	dst = append(dst, `,"user":`...)
	dst = appendString(dst, f.User)
	dst = append(dst, `,"user_id":`...)
	dst = appendString(dst, f.UserID)
	if f.Data != "" {
		dst = append(dst, `,"data":`...)
		dst = appendObject(dst, f.Data)
	}
	dst = append(dst, `,"timestamp":`...)
	dst = appendTime(dst, f.Timestamp)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *Skip) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"skip","room":`...)
	dst = appendString(dst, f.Room)
	dst = appendNumber(dst, `,"seq":`, f.Seq)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *Subscribed) Append(dst []byte) []byte {
	return appendBeginning(dst, TypeSubscribed, (*beginning)(f))
}

// Append appends the frame as JSON.
func (f *Reset) Append(dst []byte) []byte { return appendBeginning(dst, TypeReset, (*beginning)(f)) }

// beginning is the common shape of Subscribed and Reset.
type beginning Subscribed

func appendBeginning(dst []byte, typ string, f *beginning) []byte {
	dst = appendHead(dst, typ, f.Room)
	dst = append(dst, `,"room_id":`...)
	dst = appendString(dst, f.RoomID)
	dst = append(dst, `,"epoch":`...)
	dst = appendString(dst, f.Epoch)
	dst = appendNumber(dst, `,"seq":`, f.Seq)
	dst = appendOptional(dst, `,"id":`, f.ID)
	dst = appendNumber(dst, `,"min_seq":`, f.MinSeq)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *Typing) Append(dst []byte) []byte {
	return appendPerson(dst, TypeTyping, f.Room, f.User, f.UserID)
}

// Append appends the frame as JSON.
func (f *StopTyping) Append(dst []byte) []byte {
	return appendPerson(dst, TypeStopTyping, f.Room, f.User, f.UserID)
}

// Append appends the frame as JSON.
func (f *Join) Append(dst []byte) []byte {
	return appendPerson(dst, TypeJoin, f.Room, f.User, f.UserID)
}

// Append appends the frame as JSON.
func (f *Leave) Append(dst []byte) []byte {
	return appendPerson(dst, TypeLeave, f.Room, f.User, f.UserID)
}

func appendPerson(dst []byte, typ, room, user, userID string) []byte {
	dst = appendHead(dst, typ, room)
	dst = append(dst, `,"user":`...)
	dst = appendString(dst, user)
	dst = append(dst, `,"user_id":`...)
	dst = appendString(dst, userID)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *OnlineUsers) Append(dst []byte) []byte {
	dst = appendHead(dst, TypeOnlineUsers, f.Room)
	dst = appendNames(dst, `,"users":`, f.Users)
	dst = appendInt(dst, `,"count":`, int64(f.Count))
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *PresenceDelta) Append(dst []byte) []byte {
	dst = appendHead(dst, TypePresenceDelta, f.Room)
	dst = appendNames(dst, `,"joined":`, f.Joined)
	dst = appendNames(dst, `,"left":`, f.Left)
	dst = appendInt(dst, `,"count":`, int64(f.Count))
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *Read) Append(dst []byte) []byte {
	dst = appendHead(dst, TypeRead, f.Room)
	dst = appendNumber(dst, `,"n":`, f.N)
	dst = appendNumber(dst, `,"version":`, f.Version)
	dst = appendSome(dst, `,"mentions":`, f.Mentions)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *RoomPrefs) Append(dst []byte) []byte {
	dst = appendHead(dst, TypeRoomPrefs, f.Room)
	dst = append(dst, `,"notify":`...)
	dst = appendString(dst, f.Notify)
	dst = append(dst, `,"muted":`...)
	dst = strconv.AppendBool(dst, f.Muted)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *Welcome) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"welcome","protocol":`...)
	dst = appendString(dst, f.Protocol)
	dst = append(dst, `,"user":`...)
	dst = appendString(dst, f.User)
	dst = append(dst, `,"user_id":`...)
	dst = appendString(dst, f.UserID)
	dst = append(dst, `,"kind":`...)
	dst = appendString(dst, f.Kind)
	if !f.ExpiresAt.IsZero() {
		dst = append(dst, `,"expires_at":`...)
		dst = appendTime(dst, f.ExpiresAt)
	}
	dst = appendOptional(dst, `,"token":`, f.Token)
	dst = appendInt(dst, `,"limits":{"content":`, int64(f.Limits.Content))
	dst = appendInt(dst, `,"frame":`, int64(f.Limits.Frame))
	dst = appendInt(dst, `,"rooms":`, int64(f.Limits.Rooms))
	dst = appendInt(dst, `,"subscribe":`, int64(f.Limits.Subscribe))
	dst = appendInt(dst, `,"sends_open":`, int64(f.Limits.SendsOpen))
	dst = append(dst, `},"rooms":[`...)
	for i := range f.Rooms {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.Rooms[i].append(dst)
	}
	return append(dst, `]}`...)
}

func (r *WelcomeRoom) append(dst []byte) []byte {
	dst = append(dst, `{"room":`...)
	dst = appendString(dst, r.Room)
	dst = append(dst, `,"room_id":`...)
	dst = appendString(dst, r.RoomID)
	dst = append(dst, `,"epoch":`...)
	dst = appendString(dst, r.Epoch)
	dst = appendNumber(dst, `,"seq":`, r.Seq)
	dst = appendNumber(dst, `,"n":`, r.N)
	dst = appendNumber(dst, `,"read_n":`, r.ReadN)
	dst = appendNumber(dst, `,"read_version":`, r.ReadVersion)
	dst = appendNumber(dst, `,"unread":`, r.Unread)
	dst = appendSome(dst, `,"mentions":`, r.Mentions)
	dst = appendOptional(dst, `,"notify":`, r.Notify)
	if r.Muted {
		dst = append(dst, `,"muted":true`...)
	}
	dst = append(dst, `,"kind":`...)
	dst = appendString(dst, r.Kind)
	dst = appendOptional(dst, `,"role":`, r.Role)
	if r.ReadOnly {
		dst = append(dst, `,"read_only":true`...)
	}
	dst = appendOptional(dst, `,"history":`, r.History)
	if r.SlowMode != 0 {
		dst = appendInt(dst, `,"slow_mode":`, int64(r.SlowMode))
	}
	return append(appendOthers(dst, r.People), '}')
}

// appendOthers appends the field people, unless it is empty.
func appendOthers(dst []byte, people []Person) []byte {
	if len(people) == 0 {
		return dst
	}
	return appendPeople(dst, `,"people":`, people)
}

// Append appends the frame as JSON.
func (f *AuthOK) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"auth"`...)
	if !f.ExpiresAt.IsZero() {
		dst = append(dst, `,"expires_at":`...)
		dst = appendTime(dst, f.ExpiresAt)
	}
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *RoomAdded) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"room_added","room":`...)
	dst = appendString(dst, f.Room)
	dst = append(dst, `,"room_id":`...)
	dst = appendString(dst, f.RoomID)
	dst = append(dst, `,"topic":`...)
	dst = appendString(dst, f.Topic)
	dst = append(dst, `,"kind":`...)
	dst = appendString(dst, f.Kind)
	return append(appendOthers(dst, f.People), '}')
}

// Append appends the frame as JSON.
func (f *RoomRemoved) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"room_removed","room":`...)
	dst = appendString(dst, f.Room)
	dst = append(dst, `,"room_id":`...)
	dst = appendString(dst, f.RoomID)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *RoomRenamed) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"room_renamed","room_id":`...)
	dst = appendString(dst, f.RoomID)
	dst = append(dst, `,"room":`...)
	dst = appendString(dst, f.Room)
	dst = append(dst, `,"was":`...)
	dst = appendString(dst, f.Was)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *UserChanged) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"user_changed","user_id":`...)
	dst = appendString(dst, f.UserID)
	dst = append(dst, `,"user":`...)
	dst = appendString(dst, f.User)
	dst = append(dst, `,"display":`...)
	dst = appendString(dst, f.Display)
	dst = appendOptional(dst, `,"avatar":`, f.Avatar)
	dst = appendStatus(dst, `,"status":`, f.Status)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *Goodbye) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"goodbye"`...)
	dst = appendInt(dst, `,"reconnect_after":`, f.ReconnectAfter)
	return append(dst, '}')
}

// Append appends the frame as JSON.
func (f *ErrorFrame) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"error","code":`...)
	dst = appendString(dst, f.Code)
	dst = append(dst, `,"message":`...)
	dst = appendString(dst, f.Message)
	dst = appendOptional(dst, `,"ref":`, f.Ref)
	dst = appendOptional(dst, `,"room":`, f.Room)
	if f.RetryAfter != 0 {
		dst = appendInt(dst, `,"retry_after":`, f.RetryAfter)
	}
	return append(dst, '}')
}
