// The two buttons: with words, and with an icon alone (then its name is also its tooltip).

import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren, Ref } from "preact";
import "./button.css";

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: LucideIcon;
  readonly disabled?: boolean;
  readonly submit?: boolean;
  readonly title?: string;
  /** Shown in the tooltip: "Mod-K". */
  readonly shortcut?: string;
  readonly tabIndex?: number;
  readonly onClick?: (event: MouseEvent) => void;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
  const Icon = props.icon;
  return (
    <button
      type={props.submit === true ? "submit" : "button"}
      class={`kit-button kit-button-${props.kind ?? "plain"}`}
      disabled={props.disabled ?? false}
      data-tip={props.title}
      data-key={props.shortcut}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
      {...(props.buttonRef === undefined ? {} : { ref: props.buttonRef })}
    >
      {Icon === undefined ? null : <Icon size={16} aria-hidden="true" />}
      {props.children}
    </button>
  );
}

export interface IconButtonProps {
  readonly icon: LucideIcon;
  /** Accessible name and tooltip. */
  readonly label: string;
  readonly shortcut?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  /** 28 px by default; "small" is 22. */
  readonly size?: "small";
  readonly tone?: "accent" | "danger";
  readonly tabIndex?: number;
  readonly onClick?: (event: MouseEvent) => void;
}

export function IconButton(props: IconButtonProps) {
  const Icon = props.icon;
  const classes = ["kit-icon-button"];
  if (props.size === "small") classes.push("kit-icon-button-small");
  if (props.tone !== undefined) classes.push(`kit-icon-button-${props.tone}`);
  return (
    <button
      type="button"
      class={classes.join(" ")}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      data-tip={props.label}
      data-key={props.shortcut}
      disabled={props.disabled ?? false}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <Icon size={props.size === "small" ? 14 : 16} aria-hidden="true" />
    </button>
  );
}
