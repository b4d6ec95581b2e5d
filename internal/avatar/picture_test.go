package avatar

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

var (
	red   = color.NRGBA{200, 20, 20, 255}
	green = color.NRGBA{20, 160, 20, 255}
	blue  = color.NRGBA{20, 20, 200, 255}
)

// halves is a picture whose left half is red and whose right half is blue.
func halves(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if m.SetNRGBA(x, y, red); x >= w/2 {
				m.SetNRGBA(x, y, blue)
			}
		}
	}
	return m
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, nil) })
}

// make1 makes a picture and decodes it again.
func make1(t *testing.T, file []byte) (made []byte, seen image.Image) {
	t.Helper()
	made, err := NewMaker().Make(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	seen, _, err = image.Decode(bytes.NewReader(made))
	if err != nil || seen.Bounds() != image.Rect(0, 0, Side, Side) {
		t.Fatalf("what was made: %v, %v", seen.Bounds(), err)
	}
	return made, seen
}

func near(t *testing.T, m image.Image, x, y int, want color.NRGBA) {
	t.Helper()
	got := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
	for _, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B), int(got.A) - int(want.A)} {
		if d < -40 || d > 40 {
			t.Errorf("at %d,%d: %v, want %v", x, y, got, want)
			return
		}
	}
}

func TestAllFormatsBecomeSquares(t *testing.T) {
	webp1, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"PNG": pngOf(t, halves(400, 100)), "JPEG": jpegOf(t, halves(100, 300)), "WebP": webp1,
		"GIF": encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, halves(50, 60), nil) }),
	} {
		t.Run(name, func(t *testing.T) {
			made, seen := make1(t, file)
			if name == "WebP" { // one pixel, which may shine through
				return
			}
			if typeOf(made) != "image/jpeg" {
				t.Errorf("it is %s", typeOf(made))
			}
			near(t, seen, 20, 128, red)
			near(t, seen, 236, 128, blue)
		})
	}
}

func TestWhatShinesThroughStaysSo(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 32 * 64 * 4 {
		m.Pix[i] = 255
	}
	made, seen := make1(t, pngOf(t, m))
	if typeOf(made) != "image/png" {
		t.Errorf("it is %s", typeOf(made))
	}
	near(t, seen, 128, 20, color.NRGBA{255, 255, 255, 255})
	if _, _, _, a := seen.At(128, 240).RGBA(); a != 0 {
		t.Errorf("alpha %d", a)
	}
}

// withExif puts an Exif segment into a JPEG: the orientation, and where it was taken.
func withExif(file []byte, orientation uint16) []byte {
	tiff := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02")
	tiff = append(tiff, 0x01, 0x12, 0, 3, 0, 0, 0, 1, byte(orientation>>8), byte(orientation), 0, 0)
	tiff = append(tiff, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, "GPS 52.5200 N 13.4050 E"...)
	out := append([]byte{0xff, 0xd8, 0xff, markerAPP1}, binary.BigEndian.AppendUint16(nil, uint16(len(tiff)+2))...)
	return append(append(out, tiff...), file[2:]...)
}

// Attack 52: where a picture was taken is nobody's business.
func TestAttack52ExifIsGone(t *testing.T) {
	file := withExif(jpegOf(t, halves(64, 64)), 1)
	if !bytes.Contains(file, []byte("GPS 52")) {
		t.Fatal("the test says nothing")
	}
	made, _ := make1(t, file)
	for _, word := range []string{"Exif", "GPS", "52.5200", "MM\x00*"} {
		if bytes.Contains(made, []byte(word)) {
			t.Errorf("the picture still has %q", word)
		}
	}
}

// A camera that was held otherwise says so in Exif alone: the picture is turned before that is dropped.
func TestPicturesAreTurnedAsTheyWereTaken(t *testing.T) {
	// Left red, right blue; the upper left corner is green, so that turning and mirroring differ.
	m := halves(80, 80)
	for y := range 40 {
		for x := range 40 {
			m.SetNRGBA(x, y, green)
		}
	}
	file := jpegOf(t, m)
	const near0, far = 50, 206
	corners := [...]image.Point{{near0, near0}, {far, near0}, {far, far}, {near0, far}}
	for o, want := range map[uint16][4]color.NRGBA{ // from the upper left on clockwise
		1: {green, blue, blue, red}, 2: {blue, green, red, blue}, 3: {blue, red, green, blue}, 4: {red, blue, blue, green},
		5: {green, red, blue, blue}, 6: {red, green, blue, blue}, 7: {blue, blue, green, red}, 8: {blue, blue, red, green},
	} {
		_, seen := make1(t, withExif(file, o))
		for i, at := range corners {
			near(t, seen, at.X, at.Y, want[i])
		}
		if t.Failed() {
			t.Fatalf("orientation %d", o)
		}
	}
}

func pngHeader(w, h uint32, depth, kind byte) []byte {
	data := binary.BigEndian.AppendUint32(nil, w)
	data = append(binary.BigEndian.AppendUint32(data, h), depth, kind, 0, 0, 0)
	chunk := append([]byte("IHDR"), data...)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
}

// markerSOF2 begins a progressive picture.
const markerSOF2 = 0xc2

func jpegHeader(sof byte, w, h uint16) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, sof, 0, 11, 8}, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, h), w)...)
	return append(out, 1, 1, 0x11, 0)
}

// colourJPEG is a header of one with as many colours that are not those of television: Adobe's segment says so.
func colourJPEG(colours byte, w, h uint16) []byte {
	out := append([]byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"), 0xff, markerSOF0, 0, 8+3*colours, 8)
	out = append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, h), w), colours)
	for c := range colours {
		out = append(out, c+1, 0x11, 0)
	}
	return append(out, 0xff, markerSOS, 0, 8, 1, 1, 0, 0, 63, 0)
}

// Attacks 50, 51: what is no picture, and what would be a huge one, is refused before anything is decoded.
func TestAttack51HeadersAreEnough(t *testing.T) {
	svg := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`
	for name, c := range map[string]struct {
		file string
		code chat.Code
		says string
	}{
		"nothing":          {"", chat.Invalid, "no picture"},
		"SVG":              {svg, chat.Invalid, "no picture"},
		"HTML":             {"<!doctype html><script>alert(1)</script>", chat.Invalid, "no picture"},
		"TIFF":             {"II*\x00\xff\xff\xff\xff", chat.Invalid, "no picture"},
		"PSD":              {"8BPS\x00\x01", chat.Invalid, "no picture"},
		"BMP":              {"BM" + strings.Repeat("\xff", 60), chat.Invalid, "no picture"},
		"a RIFF of sound":  {"RIFF\x10\x00\x00\x00WAVEfmt ", chat.Invalid, "no picture"},
		"half a header":    {"\x89PNG\r\n\x1a\n\x00\x00", chat.Invalid, "header"},
		"50k × 50k PNG":    {string(pngHeader(50_000, 50_000, 8, 2)), chat.TooLarge, "8192"},
		"a PNG of 8k":      {string(pngHeader(8000, 8000, 8, 2)), chat.TooLarge, "24.0"},
		"a deep PNG":       {string(pngHeader(4000, 4000, 16, 6)), chat.TooLarge, "12.0"},
		"a large JPEG":     {string(jpegHeader(0xc0, 65_500, 10)) + "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", chat.TooLarge, "8192"},
		"progressive":      {string(jpegHeader(markerSOF2, 3000, 3000)) + "\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00", chat.TooLarge, "4.8"},
		"a JPEG of ink":    {string(colourJPEG(4, 3500, 3500)), chat.TooLarge, "12.0"},
		"a JPEG of RGB":    {string(colourJPEG(3, 3500, 3500)), chat.TooLarge, "12.0"},
		"GIF":              {"GIF89a\xff\xff\xff\xff\x00\x00\x00", chat.TooLarge, "8192"},
		"an empty GIF":     {"GIF89a\x00\x00\x00\x00\x00\x00\x00", chat.Invalid, "pixels"},
		"WebP":             {"RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x0f\x27\x00\x0f\x27\x00", chat.TooLarge, "8192"},
		"a broken picture": {string(pngOf(t, halves(10, 10))[:60]), chat.Invalid, "broken"},
		"too many bytes":   {"\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", MaxBytes), chat.TooLarge, "5 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewMaker().Make(t.Context(), []byte(c.file))
			if chat.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %s with %q", err, c.code, c.says)
			}
		})
	}
}

// The decoder forgives what stands between two segments, and what it would forgive must not hide that a JPEG is progressive:
// with 24 megapixels it would take half a gigabyte.
func TestAttack51ProgressiveIsNotHidden(t *testing.T) {
	progressive := append(jpegHeader(markerSOF2, 3000, 3000), "\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00"...)
	for name, between := range map[string]string{
		"a byte": "\x55", "a restart": "\xff\xd0", "an escaped byte": "\xff\x00", "fill bytes": "\xff\xff\xff",
	} {
		file := append([]byte("\xff\xd8\xff\xfe\x00\x02"+between), progressive[2:]...)
		// Where a restart seems to lead, if its next two bytes are taken for a length.
		file = append(append(file, make([]byte, 8+0xff00|markerSOF2-len(file))...), jpegHeader(0xc0, 3000, 3000)[2:]...)
		if _, err := NewMaker().Make(t.Context(), file); chat.CodeOf(err) != chat.TooLarge || !strings.Contains(err.Error(), "4.8") {
			t.Errorf("behind %s: %v", name, err)
		}
	}
}

// Attack 50: a file that is a picture and something else comes out as a picture alone.
func TestAttack50PolyglotsAreDrawnAnew(t *testing.T) {
	script := "/*<script>alert(document.domain)</script>*/"
	g := encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, halves(40, 40), nil) })
	for name, file := range map[string][]byte{
		"behind a GIF": append(g, script...), "behind a PNG": append(pngOf(t, halves(40, 40)), script...),
		"in a comment of a JPEG": append(append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(script) + 2)}, script...), jpegOf(t, halves(40, 40))[2:]...),
	} {
		if made, _ := make1(t, file); bytes.Contains(made, []byte("script")) {
			t.Errorf("%s: it is still there", name)
		}
	}
}

// A GIF frame that does not fit its picture, and a progressive JPEG of hundreds of thousands of scans, which each cost more
// than they weigh.
func TestAttack51CostlyPicturesEnd(t *testing.T) {
	frame := []byte("GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x44\x01\x00;")
	if _, err := NewMaker().Make(t.Context(), frame); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("a frame beyond the picture: %v", err)
	}
	file := jpegHeader(markerSOF2, 2000, 2000)
	file = append(file, 0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0)
	scan := []byte{0xff, markerSOS, 0, 8, 1, 1, 0, 1, 63, 0, 0x7f, 0xfe, 0xd0, 0x97} // 62,500 blocks without a coefficient
	file = append(file, bytes.Repeat(scan, (MaxBytes-len(file))/len(scan))...)
	m := NewMaker()
	m.decodeTime = 50 * time.Millisecond
	if _, err := m.Make(t.Context(), file); chat.CodeOf(err) != chat.TooLarge || !strings.Contains(err.Error(), "too long") {
		t.Errorf("endless scans: %v", err)
	}
}

func FuzzMake(f *testing.F) {
	f.Add(pngOf(f, halves(8, 8)))
	f.Add(withExif(jpegOf(f, halves(8, 8)), 6))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return gif.Encode(b, halves(8, 8), nil) }))
	m := NewMaker()
	f.Fuzz(func(t *testing.T, file []byte) {
		made, err := m.Make(t.Context(), file)
		switch code := chat.CodeOf(err); {
		case err == nil:
			if _, _, err := image.DecodeConfig(bytes.NewReader(made)); err != nil {
				t.Error(err)
			}
		case code != chat.Invalid && code != chat.TooLarge:
			t.Error(err)
		}
	})
}
