package avatar

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Markers of a JPEG (ITU T.81, table B.1).
const (
	markerSOF0 = 0xc0 // begins a picture that is decoded as it comes
	markerSOF1 = 0xc1 // the same
	markerRST0 = 0xd0 // the first of those without a length, which end with 0xd9
	markerSOS  = 0xda // begins the pixels
	markerAPP1 = 0xe1 // Exif, among others
)

// segments calls back with the segments before the pixels of a JPEG, until there is anything else between them, which
// decoders forgive; of any other file, with nothing.
func segments(file []byte, each func(marker byte, data []byte)) {
	if !begins("\xff\xd8")(file) {
		return
	}
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker := file[at+1]
		if marker == 0xff { // a fill byte
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0 || marker >= markerRST0 && marker <= markerSOS || size < 2 || at+2+size > len(file) {
			return
		}
		each(marker, file[at+4:at+2+size])
		at += 2 + size
	}
}

// isBaseline tells whether a JPEG says in good order that it is decoded as it comes. Another one may be progressive.
func isBaseline(file []byte) (yes bool) {
	segments(file, func(marker byte, _ []byte) { yes = yes || marker == markerSOF0 || marker == markerSOF1 })
	return yes
}

// orientation is how a camera was held, 1 to 8 as in Exif (tag 0x0112 of IFD0), 1 where nothing is said. It is the one
// thing that the pixels alone do not tell.
func orientation(file []byte) int {
	found := 1
	segments(file, func(marker byte, data []byte) {
		if tiff, ok := bytes.CutPrefix(data, []byte("Exif\x00\x00")); ok && marker == markerAPP1 {
			found = orientationOf(tiff)
		}
	})
	return found
}

func orientationOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(entries) >= 12; n-- {
		if o := order.Uint16(entries[8:]); order.Uint16(entries) == 0x0112 && o >= 1 && o <= 8 {
			return int(o)
		}
		entries = entries[12:]
	}
	return 1
}

// turned is a picture as it is meant to be seen. It is scaled down first, so that turning costs little.
func turned(from image.Image, o int) image.Image {
	if o == 1 {
		return from
	}
	small := square(from)
	to := image.NewNRGBA(small.Bounds())
	for y := range Side {
		for x := range Side {
			u, v := x, y
			if o >= 5 { // across the diagonal
				u, v = v, u
			}
			switch o {
			case 2, 8:
				u = Side - 1 - u
			case 3, 7:
				u, v = Side-1-u, Side-1-v
			case 4, 6:
				v = Side - 1 - v
			}
			to.SetNRGBA(x, y, small.NRGBAAt(u, v))
		}
	}
	return to
}
