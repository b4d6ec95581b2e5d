package chat

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
)

// directName is the name of the direct room of these people: the same for the same people, in whatever order.
func directName(people []UserID) string {
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte("direct\x00" + strings.Join(ids, "\x00")))
	code := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	return directPrefix + strings.ToLower(code)
}

// OpenDirect returns the direct room of by and others, which it makes if there is none, and puts it into by's list. Others
// are shown it with its first message. Invalid unless others are 1 to MaxDirectOthers people beside by, NotFound when one does
// not exist, Forbidden for and with guests, RateLimited for who makes them too fast, TooLarge for who has made MaxDirects.
func (s *Service) OpenDirect(ctx context.Context, by Actor, others []UserID) (r Room, made bool, err error) {
	const op = "chat.OpenDirect"
	others, err = directOthers(op, by.ID, others)
	if err != nil {
		return Room{}, false, err
	}
	everybody := []Person{{ID: by.ID, Name: by.Name}}
	for _, id := range others {
		who, err := s.store.User(ctx, id)
		if err != nil {
			return Room{}, false, withOp(op, err)
		}
		if err := MayOpenDirect(by.asUser(), who); err != nil {
			return Room{}, false, withOp(op, err)
		}
		everybody = append(everybody, Person{ID: who.ID, Name: who.Name})
	}
	r = s.newRoom(directName(append([]UserID{by.ID}, others...)), "", RoomDirect)
	if _, err := s.store.RoomByName(ctx, r.Name); CodeOf(err) == NotFound {
		if err := s.askNewRoom(op, by); err != nil {
			return Room{}, false, err
		}
	}
	var o Opened
	err = s.changeLists(ctx, op, func() (err error) {
		if o, err = s.store.OpenDirect(ctx, r, by.ID, others); err == nil && o.Shown {
			s.cfg.RoomShown(Showing{Room: o.Room, To: []UserID{by.ID}, People: everybody})
		}
		return err
	})
	if err != nil {
		return Room{}, false, err
	}
	return o.Room, o.Made, nil
}

// directOthers brings the ids to their stored form, each once and without by's own.
func directOthers(op string, by UserID, ids []UserID) ([]UserID, error) {
	if len(ids) > MaxDirectOthers {
		return nil, Errorf(Invalid, op, "users must be 1 to %d people beside you", MaxDirectOthers)
	}
	var others []UserID
	for _, id := range ids {
		norm, ok := NormalUUID(string(id))
		if !ok {
			return nil, Errorf(Invalid, op, "users must be ids of users, UUIDs")
		}
		if id = UserID(norm); id != by && !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return nil, Errorf(Invalid, op, "users must be 1 to %d people beside you", MaxDirectOthers)
	}
	return others, nil
}

// hideDirect takes a room out of by's list until something is said in it, if it is a direct one: that is how it is left.
func (s *Service) hideDirect(op string, by Actor, room string) (hidden bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	r, err := s.Room(ctx, by, room)
	if err != nil || r.Kind != RoomDirect {
		return false, withOp(op, err)
	}
	err = s.changeLists(ctx, op, func() error {
		if err := s.store.HideRoom(ctx, r.ID, by.ID); err != nil {
			return err
		}
		if s.cfg.RoomHidden != nil {
			s.cfg.RoomHidden(r, by.ID)
		}
		return nil
	})
	return err == nil, err
}
