// Bytes as a picture. An image element runs no scripts and fetches nothing, whatever is in an SVG.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface PictureProps {
  readonly bytes: Uint8Array;
  /** Media type. */
  readonly type: string;
  readonly name: string;
  /** "640 × 480", once it is known. */
  readonly onSize?: (size: string) => void;
}

export function Picture({ bytes, type, name, onSize }: PictureProps) {
  const url = useSignal<string | undefined>(undefined);
  const broken = useSignal(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
    url.value = made;
    broken.value = false;
    return () => URL.revokeObjectURL(made);
  }, [bytes, type, url, broken]);
  if (url.value === undefined) return null;
  if (broken.value) return <p role="alert">This is no picture that a browser can show.</p>;
  return (
    <img
      src={url.value}
      alt={name}
      onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
        onSize?.(`${naturalWidth} × ${naturalHeight}`)
      }
      onError={() => (broken.value = true)}
    />
  );
}
