import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { FormError } from '../entry/FormParts';
import { textOf } from '../entry/problem';
import { common } from '../text/common';
import { settings } from '../text/settings';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { type Crop, middle, moved, pressed, zoomed, zoomOf } from './crop';
import styles from './Picture.module.css';

const texts = settings.picture;

/** Width and height of what is sent, in pixels. */
const side = 512;

interface CropDialogProps {
  picture: ImageBitmap;
  /** Sends the square. What it throws is shown, and the square stays as it was chosen. */
  onSave: (square: Blob) => Promise<void>;
  onClose: () => void;
  /** Gets the focus when it closes. */
  finalFocus: () => HTMLElement | null;
}

/** Asks which square of a picture is to be kept: by dragging, by the wheel, or by the keyboard. */
export function CropDialog({ picture, onSave, onClose, finalFocus }: CropDialogProps) {
  const [crop, setCrop] = useState(() => middle(picture));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const canvas = useRef<HTMLCanvasElement>(null);

  const send = async () => {
    setBusy(true);
    setError('');
    try {
      const square = await squareOf(picture, crop);
      if (square === null) {
        setError(texts.notMade);
        return;
      }
      await onSave(square);
      onClose();
    } catch (refused) {
      setError(textOf(refused));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.cropTitle}
      description={texts.cropHint}
      initialFocus={canvas}
      finalFocus={finalFocus}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button variant="main" busy={busy} onClick={() => void send()}>
            {busy ? texts.sending : texts.save}
          </Button>
        </>
      }
    >
      <CropField picture={picture} crop={crop} onCrop={setCrop} canvas={canvas} />
      <FormError text={error} />
    </Dialog>
  );
}

interface CropFieldProps {
  picture: ImageBitmap;
  crop: Crop;
  onCrop: (change: (crop: Crop) => Crop) => void;
  canvas: RefObject<HTMLCanvasElement | null>;
}

function CropField({ picture, crop, onCrop, canvas }: CropFieldProps) {
  const zoom = useId();
  const dragged = useRef<{ x: number; y: number } | null>(null);

  useEffect(() => {
    if (canvas.current) paint(canvas.current, picture, crop);
  }, [canvas, picture, crop]);

  // React listens for wheels passively, which could not keep the page from scrolling.
  useEffect(() => {
    const field = canvas.current;
    const turned = (event: WheelEvent) => {
      event.preventDefault();
      onCrop((before) => zoomed(before, zoomOf(before, picture) - event.deltaY / 1000, picture));
    };
    field?.addEventListener('wheel', turned, { passive: false });
    return () => field?.removeEventListener('wheel', turned);
  }, [canvas, picture, onCrop]);

  const drag = (event: PointerEvent<HTMLCanvasElement>) => {
    const from = dragged.current;
    if (from === null) return;
    const scale = crop.side / event.currentTarget.clientWidth;
    dragged.current = { x: event.clientX, y: event.clientY };
    onCrop((before) => moved(before, (from.x - event.clientX) * scale, (from.y - event.clientY) * scale, picture));
  };
  const press = (event: KeyboardEvent) => {
    if (pressed(event.key, crop, picture) === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onCrop((before) => pressed(event.key, before, picture) ?? before);
  };

  return (
    <div className={styles.crop}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes the arrow keys itself */}
      <canvas
        ref={canvas}
        className={styles.canvas}
        width={side}
        height={side}
        role="application"
        aria-label={texts.square}
        tabIndex={0}
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          dragged.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerMove={drag}
        onPointerUp={() => {
          dragged.current = null;
        }}
        onPointerCancel={() => {
          dragged.current = null;
        }}
      />
      <label htmlFor={zoom}>{texts.zoom}</label>
      <input
        id={zoom}
        className={styles.zoom}
        type="range"
        min={0}
        max={100}
        value={Math.round(zoomOf(crop, picture) * 100)}
        onChange={(event) => {
          const to = event.target.valueAsNumber / 100;
          onCrop((before) => zoomed(before, to, picture));
        }}
      />
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, picture: ImageBitmap, { x, y, side: from }: Crop) {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingQuality = 'high';
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, x, y, from, from, 0, 0, canvas.width, canvas.height);
}

/** The square as a file: WebP where the browser makes it, else PNG, so that what shines through stays so. */
function squareOf(picture: ImageBitmap, crop: Crop): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  paint(canvas, picture, crop);
  return new Promise((done) => canvas.toBlob(done, 'image/webp', 0.92));
}
