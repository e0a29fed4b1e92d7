# Interactive bash. Nothing here starts a program: in an emulated machine that would be felt at every prompt.
case $- in *i*) ;; *) return ;; esac

[ -z "${PROFILE_READ-}" ] && . /etc/profile.d/conch.sh && PROFILE_READ=1
shopt -s checkwinsize histappend globstar
HISTCONTROL=ignoreboth
HISTSIZE=5000
HISTFILESIZE=10000

# Coral name, quiet path, and a mark that turns red after a failure.
__conch_mark() {
  local code=$?
  [ "$code" = 0 ] && __conch_status='' || __conch_status=$'\e[31m'"$code "
  return "$code"
}
PROMPT_COMMAND=__conch_mark
PS1='\[\e[38;5;209m\]conch\[\e[0m\] \[\e[2m\]\w\[\e[0m\] \[${__conch_status:0:5}\]${__conch_status:5}\[\e[38;5;209m\]$\[\e[0m\] '
PS2='\[\e[38;5;209m\]>\[\e[0m\] '

alias ls='ls --color=auto' ll='ls -alF' la='ls -A'
alias grep='grep --color=auto' diff='diff --color=auto'
