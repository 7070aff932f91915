/// Priority inheritance: a thread that owns what others wait for runs at the best priority among them, through chains.
///
/// Invariants  a thread's inherited priority is the best of the first waiters of all locks that it owns. No thread waits, directly
///             or through others, for itself: pi_would_deadlock() is asked before each pi_block().
/// Lock order  g_pi_graph, inside Rank::futex_bucket; the run queue inside it. One lock for the whole graph: a chain crosses locks
///             and threads in an order that nobody can know before walking it, and only threads that must sleep or that leave
///             waiters behind come here.
/// Context     any but interrupt context; every function but pi_priority_changed under g_pi_graph.
/// Source      futex(2), "Priority-inheritance futexes"; Sha, Rajkumar and Lehoczky, "Priority Inheritance Protocols", 1990.
#pragma once

#include "kernel/sched/pi_links.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spin/spin.h"

namespace k::sync {

using sched::PiLock;
using sched::PiWaiter;

extern SpinIrq<Rank::pi_state> g_pi_graph;

/// Would `waiter`, waiting for `lock`, wait for itself? Chains beyond a length that no sane program makes count as such.
bool pi_would_deadlock(const sched::Thread& waiter, const PiLock& lock);
/// Queues the waiter and lets the chain behind the owner inherit.
void pi_block(PiWaiter& waiter, PiLock& lock);
/// The waiter gives up or becomes the owner: out of the queue, and the owner inherits from it no more.
void pi_unblock(PiWaiter& waiter);
/// Null: nobody, until the next call.
void pi_set_owner(PiLock& lock, sched::Thread* owner);
/// After a change of the thread's own policy or nice level. Takes g_pi_graph.
void pi_priority_changed(sched::Thread& thread);

}  // namespace k::sync
