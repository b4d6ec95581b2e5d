package wire

// Append appends the frame as JSON.
func (f *Message) Append(dst []byte) []byte {
	dst = append(dst, `{"type":"message","room":`...)
	dst = appendString(dst, f.Room)
	dst = append(dst, `,"id":`...)
	dst = appendString(dst, f.ID)
	dst = appendNumber(dst, `,"seq":`, f.Seq)
	dst = appendNumber(dst, `,"n":`, f.N)
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
	return append(dst, '}')
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
	dst = appendNumber(dst, `,"n":`, f.N)
	dst = appendOptional(dst, `,"html":`, f.HTML)
	dst = append(dst, `,"timestamp":`...)
	dst = appendTime(dst, f.Timestamp)
	return append(dst, '}')
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
	return append(appendPeople(dst, r.People), '}')
}

// appendPeople appends the field people, unless it is empty.
func appendPeople(dst []byte, people []Person) []byte {
	for i, p := range people {
		if i == 0 {
			dst = append(dst, `,"people":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":`...)
		dst = appendString(dst, p.ID)
		dst = append(dst, `,"name":`...)
		dst = appendString(dst, p.Name)
		dst = append(dst, '}')
	}
	if len(people) > 0 {
		dst = append(dst, ']')
	}
	return dst
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
	return append(appendPeople(dst, f.People), '}')
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
