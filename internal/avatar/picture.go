// Package avatar makes pictures of people from what strangers send.
//
// What comes in is hostile: it may be anything by any name, unfold to gigabytes, or take minutes. So a picture is looked at
// by its header before anything is decoded, only four formats are known, one is decoded at a time, and time is bounded.
// What is kept and shown is drawn anew from the pixels alone: nothing else of the file survives, neither where it was
// taken nor what else it might be read as.
package avatar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/parley-chat/parley/internal/chat"
)

// Limits of a picture that comes in.
const (
	MaxBytes = 5 << 20 // of the file
	MaxSide  = 8192    // pixels
	// MaxPixels is for what takes four bytes each while it is decoded, about 100 MB in all; see weight.
	MaxPixels = 24_000_000

	decodeTime = 10 * time.Second // for one picture
	waitTime   = 10 * time.Second // for the one before
)

// Side is the width and height in pixels of what is made.
const Side = 256

// quality of a JPEG that is made.
const quality = 88

// Maker makes pictures, one at a time. It is safe for concurrent use.
type Maker struct {
	turn       chan struct{}
	decodeTime time.Duration
}

// NewMaker returns a Maker.
func NewMaker() *Maker { return &Maker{make(chan struct{}, 1), decodeTime} }

// Make cuts the square out of the middle of a PNG, JPEG, GIF (its first frame) or WebP, scales it to Side and encodes it
// anew: as JPEG, or as PNG if something shines through. Invalid for what is no such picture, TooLarge past the limits,
// Overloaded when it took too long or too many wait.
func (m *Maker) Make(ctx context.Context, file []byte) ([]byte, error) {
	const op = "avatar.Make"
	f, err := check(op, file)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return nil, &chat.Error{Code: chat.Overloaded, Op: op, Message: "too many pictures are being made: try again", RetryAfter: 5 * time.Second, Err: ctx.Err()}
	}
	in := &hurried{from: bytes.NewReader(file), until: time.Now().Add(m.decodeTime)}
	picture, err := f.decode(in)
	switch {
	case in.late:
		return nil, chat.Errorf(chat.TooLarge, op, "the picture takes too long to decode: send it in a simpler form")
	case err != nil:
		return nil, &chat.Error{Code: chat.Invalid, Op: op, Message: "the picture is broken: it cannot be decoded", Err: err}
	}
	return encode(square(turned(picture, orientation(file))))
}

// format is one of those that are decoded. There is no registry: what another package can decode is not decoded here.
type format struct {
	name   string
	is     func(file []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"PNG", begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode},
	{"JPEG", begins("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode},
	{"GIF", func(b []byte) bool { return begins("GIF87a")(b) || begins("GIF89a")(b) }, gif.DecodeConfig, gif.Decode},
	{"WebP", func(b []byte) bool { return begins("RIFF")(b) && len(b) > 12 && string(b[8:12]) == "WEBP" }, webp.DecodeConfig, webp.Decode},
}

func begins(magic string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
}

// check finds the format by the file's first bytes, whatever its name or type was said to be, and holds its header to the
// limits.
func check(op string, file []byte) (format, error) {
	if len(file) > MaxBytes {
		return format{}, ErrTooLarge(op)
	}
	for _, f := range formats {
		if !f.is(file) {
			continue
		}
		c, err := f.config(bytes.NewReader(file))
		switch {
		case err != nil:
			return format{}, &chat.Error{Code: chat.Invalid, Op: op, Message: "the picture is broken: its header cannot be read", Err: err}
		case c.Width < 1 || c.Height < 1:
			return format{}, chat.Errorf(chat.Invalid, op, "the picture has no pixels")
		case c.Width > MaxSide || c.Height > MaxSide:
			return format{}, chat.Errorf(chat.TooLarge, op, "the picture is %d × %d pixels; at most %d a side", c.Width, c.Height, MaxSide)
		}
		if most := MaxPixels / weight(c.ColorModel, file); c.Width*c.Height > most {
			return format{}, chat.Errorf(chat.TooLarge, op, "the picture has %s megapixels; a %s like this may have %s", mega(c.Width*c.Height), f.name, mega(most))
		}
		return f, nil
	}
	return format{}, chat.Errorf(chat.Invalid, op, "this is no picture that can be read here: send a PNG, JPEG, GIF or WebP")
}

func mega(pixels int) string { return fmt.Sprintf("%.1f", float64(pixels)/1e6) }

// ErrTooLarge says how many bytes a picture may have.
func ErrTooLarge(op string) error {
	return chat.Errorf(chat.TooLarge, op, "the file is larger than %d MB", MaxBytes>>20)
}

// weight is how many times four bytes a pixel takes while it is decoded. A progressive JPEG keeps all its coefficients, as
// 32-bit numbers of up to four components; one whose colours are RGB or ink is decoded plane by plane and then put together.
func weight(model color.Model, file []byte) int {
	isJPEG := begins("\xff\xd8")(file)
	switch {
	case isJPEG && !isBaseline(file):
		return 5
	case isJPEG && (model == color.RGBAModel || model == color.CMYKModel), model == color.RGBA64Model, model == color.NRGBA64Model:
		return 2
	}
	return 1
}

// hurried is a reader that ends when the time is over, which ends a decoder that reads on and on. It is nothing but a
// Reader, so that decoders read it in pieces.
type hurried struct {
	from  io.Reader
	until time.Time
	late  bool
}

var errLate = errors.New("out of time")

func (h *hurried) Read(p []byte) (int, error) {
	if time.Now().After(h.until) {
		h.late = true
		return 0, errLate
	}
	return h.from.Read(p)
}

// square is the middle of a picture at Side × Side.
func square(from image.Image) *image.NRGBA {
	b := from.Bounds()
	side := min(b.Dx(), b.Dy())
	corner := image.Pt(b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2)
	to := image.NewNRGBA(image.Rect(0, 0, Side, Side))
	draw.CatmullRom.Scale(to, to.Bounds(), from, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}, draw.Src, nil)
	return to
}

func encode(picture *image.NRGBA) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if picture.Opaque() {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality})
	} else {
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture)
	}
	return out.Bytes(), chat.WrapInternal("avatar.encode", err)
}

// typeOf is the media type of what encode has made.
func typeOf(made []byte) string {
	if begins("\x89PNG")(made) {
		return "image/png"
	}
	return "image/jpeg"
}
