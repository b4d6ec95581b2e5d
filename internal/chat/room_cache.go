package chat

import "sync"

// maxCachedRooms bounds the cache of rooms. Past it the cache begins anew: a workspace with that many rooms in use pays
// one read by index for each of them now and then.
const maxCachedRooms = 10000

// roomCache keeps what seldom changes of rooms: their names alone can. Only rooms that exist are kept, so that asking for
// others cannot fill it.
type roomCache struct {
	mu      sync.RWMutex
	ids     map[RoomID]Room
	names   map[string]Room // also under names of before
	renamed uint64          // how often a room has got another name
}

func newRoomCache() *roomCache {
	return &roomCache{ids: map[RoomID]Room{}, names: map[string]Room{}}
}

func (c *roomCache) byID(id RoomID) (Room, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.ids[id]
	return r, ok
}

func (c *roomCache) byName(name string) (Room, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.names[name]
	return r, ok
}

// renames is to be asked before a room is read that add will be given.
func (c *roomCache) renames() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.renamed
}

// add keeps a room that was asked for by name, unless one was renamed since it was read: it may have been this one.
func (c *roomCache) add(r Room, name string, renames uint64) Room {
	r = Room{ID: r.ID, Name: r.Name, Kind: r.Kind, Epoch: r.Epoch, Created: r.Created}
	c.mu.Lock()
	defer c.mu.Unlock()
	if renames != c.renamed {
		return r
	}
	if len(c.names) >= maxCachedRooms {
		clear(c.ids)
		clear(c.names)
	}
	c.ids[r.ID], c.names[name] = r, r
	return r
}

// rename forgets a room's names; it is read again when somebody asks.
func (c *roomCache) rename(id RoomID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renamed++
	delete(c.ids, id)
	for name, r := range c.names {
		if r.ID == id {
			delete(c.names, name)
		}
	}
}

// forget empties the cache.
func (c *roomCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renamed++
	clear(c.ids)
	clear(c.names)
}
