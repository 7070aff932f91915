/// Intrusive lists and red-black trees: Boost.Intrusive with the options this kernel always wants.
///
/// Invariants  a node is a private member named in the container's type and is unlinked when its object dies
///             (safe-link mode asserts it in debug and host builds).
/// Errors      none: linking never allocates.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/rbtree.hpp>
#include <boost/intrusive/slist.hpp>

namespace k::lib {

#if defined(HT_DEBUG) || defined(HT_HOST)
inline constexpr auto kLinkMode = boost::intrusive::safe_link;
#else
inline constexpr auto kLinkMode = boost::intrusive::normal_link;
#endif

using ListNode = boost::intrusive::list_member_hook<boost::intrusive::link_mode<kLinkMode>>;
using TreeNode =
    boost::intrusive::set_member_hook<boost::intrusive::link_mode<kLinkMode>, boost::intrusive::optimize_size<true>>;

/// A doubly linked list of `T` through its member `Node`.
template <class T, ListNode T::* Node>
using List = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListNode, Node>,
                                    boost::intrusive::constant_time_size<false>>;

/// An ordered tree of `T` through its member `Node`; `Key` is a function object returning the sort key.
template <class T, TreeNode T::* Node, class Key>
using Tree = boost::intrusive::rbtree<T, boost::intrusive::member_hook<T, TreeNode, Node>,
                                      boost::intrusive::key_of_value<Key>, boost::intrusive::constant_time_size<false>>;

}  // namespace k::lib
