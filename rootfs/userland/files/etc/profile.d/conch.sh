# What programs find where nobody has set it yet.
export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin}"
export LANG="${LANG:-C.UTF-8}"
export EDITOR="${EDITOR:-nano}"
export PAGER="${PAGER:-less}"
export LESS="${LESS:--FRX}"
