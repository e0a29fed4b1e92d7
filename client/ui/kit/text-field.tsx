// One line of text with its label and, where there is one, what is wrong with it.

import { useId } from "preact/hooks";
import "./text-field.css";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly error?: string | undefined;
  readonly placeholder?: string;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  readonly mono?: boolean;
}

export function TextField(props: TextFieldProps) {
  const id = useId();
  return (
    <div class="kit-field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class={props.mono === true ? "kit-input kit-input-mono" : "kit-input"}
        type="text"
        value={props.value}
        placeholder={props.placeholder}
        readOnly={props.readOnly ?? false}
        maxLength={props.maxLength}
        autoComplete="off"
        spellcheck={false}
        aria-invalid={props.error !== undefined}
        aria-describedby={props.error === undefined ? undefined : `${id}-error`}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onFocus={(event) => {
          if (props.readOnly === true) event.currentTarget.select();
        }}
      />
      {props.error === undefined ? null : (
        <p class="kit-field-error" id={`${id}-error`} role="alert">
          {props.error}
        </p>
      )}
    </div>
  );
}
