/// Ref<T> and RefOrNull<T>: shared ownership by an intrusive count.
///
/// Invariants  Ref is never null (except moved-from); RefOrNull says in its type that it may be. The object dies with
///             its last reference; T may define `void on_last_ref()` to do something other than `delete this`.
/// Context     any; the last release runs T's destructor in the caller's context.
/// Errors      make_ref: ENOMEM.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "kernel/lib/alloc.h"
#include "kernel/lib/assert.h"

namespace k::lib {

/// Base of everything that Ref counts. Starts at 1, owned by make_ref.
class RefCounted {
 public:
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void ref() const { count_.fetch_add(1, std::memory_order_relaxed); }
  /// True when this was the last reference.
  [[nodiscard]] bool unref() const { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  /// Takes a reference unless the count already fell to zero: for look-ups under RCU.
  [[nodiscard]] bool try_ref() const {
    std::uint32_t n = count_.load(std::memory_order_relaxed);
    while (n != 0) {
      if (count_.compare_exchange_weak(n, n + 1, std::memory_order_acquire, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  std::uint32_t ref_count() const { return count_.load(std::memory_order_relaxed); }

 protected:
  RefCounted() = default;
  ~RefCounted() = default;

 private:
  mutable std::atomic<std::uint32_t> count_{1};
};

template <class T>
void release(T* object) {
  if (!object->unref()) return;
  if constexpr (requires { object->on_last_ref(); }) {
    object->on_last_ref();
  } else {
    delete object;
  }
}

template <class T>
class RefOrNull {
 public:
  constexpr RefOrNull() = default;
  constexpr RefOrNull(std::nullptr_t) {}
  RefOrNull(const RefOrNull& o) : object_(o.object_) { acquire(); }
  RefOrNull(RefOrNull&& o) noexcept : object_(std::exchange(o.object_, nullptr)) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  RefOrNull(const RefOrNull<U>& o) : object_(o.get()) {
    acquire();
  }
  template <class U>
    requires std::is_convertible_v<U*, T*>
  RefOrNull(RefOrNull<U>&& o) : object_(o.leak()) {}
  ~RefOrNull() { reset(); }
  RefOrNull& operator=(RefOrNull o) noexcept {
    std::swap(object_, o.object_);
    return *this;
  }

  /// Takes over a reference that the caller owns.
  static RefOrNull adopt(T* object) {
    RefOrNull r;
    r.object_ = object;
    return r;
  }
  /// Adds a reference to a live object.
  static RefOrNull share(T* object) {
    if (object != nullptr) object->ref();
    return adopt(object);
  }
  void reset() {
    if (T* old = std::exchange(object_, nullptr)) release(old);
  }
  /// Gives the reference up without dropping it.
  [[nodiscard]] T* leak() { return std::exchange(object_, nullptr); }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const RefOrNull& o) const { return object_ == o.object_; }

 private:
  void acquire() const {
    if (object_ != nullptr) object_->ref();
  }
  T* object_ = nullptr;
};

template <class T>
class Ref {
 public:
  Ref(const Ref& o) : object_(o.object_) { object_->ref(); }
  Ref(Ref&& o) noexcept : object_(o.leak()) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Ref(const Ref<U>& o) : object_(o.get()) {
    object_->ref();
  }
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Ref(Ref<U>&& o) : object_(o.leak()) {}
  ~Ref() {
    if (object_ != nullptr) release(object_);
  }
  Ref& operator=(Ref o) noexcept {
    std::swap(object_, o.object_);
    return *this;
  }

  static Ref adopt(T& object) { return Ref{&object}; }
  static Ref share(T& object) {
    object.ref();
    return Ref{&object};
  }
  [[nodiscard]] T* leak() { return std::exchange(object_, nullptr); }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  bool operator==(const Ref& o) const { return object_ == o.object_; }
  template <class U>
    requires std::is_convertible_v<T*, U*>
  operator RefOrNull<U>() const& {
    return RefOrNull<U>::share(object_);
  }
  template <class U>
    requires std::is_convertible_v<T*, U*>
  operator RefOrNull<U>() && {
    return RefOrNull<U>::adopt(leak());
  }

 private:
  explicit Ref(T* object) : object_(object) {}
  T* object_;
};

template <class T, class... Args>
Result<Ref<T>> make_ref(Args&&... args) {
#if defined(HT_HOST)
  if (injected_failure()) return err(Errno::nomem);
#endif
  T* object = new (std::nothrow) T(std::forward<Args>(args)...);
  if (object == nullptr) [[unlikely]]
    return err(Errno::nomem);
  return Ref<T>::adopt(*object);
}

}  // namespace k::lib

namespace k {
using lib::Box;
using lib::make;
using lib::make_ref;
using lib::Ref;
using lib::RefOrNull;
}  // namespace k
