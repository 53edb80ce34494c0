package account

import "container/list"

// lru is a map that forgets what was not asked for longest when it is full. It is
// not safe for concurrent use.
type lru[K comparable, V any] struct {
	limit int
	order *list.List // of *lruItem, the newest in front
	items map[K]*list.Element
}

type lruItem[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](limit int) *lru[K, V] {
	return &lru[K, V]{limit: limit, order: list.New(), items: make(map[K]*list.Element)}
}

func (l *lru[K, V]) get(key K) (value V, ok bool) {
	e, ok := l.items[key]
	if !ok {
		return value, false
	}
	l.order.MoveToFront(e)
	return item[K, V](e).value, true
}

func (l *lru[K, V]) put(key K, value V) {
	if e, ok := l.items[key]; ok {
		item[K, V](e).value = value
		l.order.MoveToFront(e)
		return
	}
	l.items[key] = l.order.PushFront(&lruItem[K, V]{key, value})
	if len(l.items) > l.limit {
		l.remove(item[K, V](l.order.Back()).key)
	}
}

func (l *lru[K, V]) remove(key K) {
	if e, ok := l.items[key]; ok {
		l.order.Remove(e)
		delete(l.items, key)
	}
}

// item is what an element of the list holds: nothing else is ever put there.
func item[K comparable, V any](e *list.Element) *lruItem[K, V] { return e.Value.(*lruItem[K, V]) }
