// mbind(2), set_mempolicy_home_node(2), and where a page is, for get_mempolicy(2) and move_pages(2).
#include <algorithm>

#include "mm/vm/change.h"

namespace k::mm {

/// FAULT: a hole. Nothing but the default may be set around holes, and even that not on a hole alone.
Result<void> AddressSpace::check_bindable(std::uint64_t start, std::uint64_t end, const MemoryPolicy& policy) const {
  const Area* first = areas_.first_above(start);
  if (first == nullptr || first->start >= end) return err(Errno::fault);
  if (!policy.is_default() && !check_covered(start, end)) return err(Errno::fault);
  return {};
}

Result<void> AddressSpace::check_no_page(std::uint64_t start, std::uint64_t end) const {
  bool found = false;
  for_each_page(start, end, [&](const PageView& page) { found = found || !page.is_zero_page; });
  if (found) return err(Errno::io);
  return {};
}

Result<void> AddressSpace::set_policy(UserAddr address, std::uint64_t bytes, const MemoryPolicy& policy,
                                      PagesThere pages) {
  const std::uint64_t start = address.value, end = start + bytes;
  const Change change{*this};
  TRY(check_bindable(start, end, policy));
  if (pages == PagesThere::refused) TRY(check_no_page(start, end));
  TRY(areas_.reserve(2));
  close_around(start, end);
  auto split = split_at(start);
  if (split) split = split_at(end);
  if (split) {
    for (Area* area = areas_.first_above(start); area != nullptr && area->start < end; area = areas_.next_of(*area))
      area->policy = policy;
  }
  merge_around(start, end);
  return split;
}

Result<void> AddressSpace::check_home_node(UserAddr address, std::uint64_t bytes) const {
  Result<void> result = err(Errno::noent);
  for_each_area(address, [&](const Area& area) {
    if (area.start >= address.value + bytes) return false;
    if (area.policy.is_default()) return true;
    const std::uint32_t mode = area.policy.plain_mode();
    if (mode == uapi::MPOL_BIND || mode == uapi::MPOL_PREFERRED_MANY) return result = {}, true;
    return result = err(Errno::opnotsupp), false;
  });
  return result;
}

Result<MemoryPolicy> AddressSpace::policy_at(UserAddr address) const {
  const sync::ReadHeld held{lock_};
  const Area* area = areas_.find(address.value);
  if (area == nullptr) return err(Errno::fault);
  return area->policy;
}

Result<void> AddressSpace::check_page_at(UserAddr address) const {
  const sync::ReadHeld held{lock_};
  const Area* area = areas_.find(address.value);
  if (area == nullptr) return err(Errno::fault);
  const std::uint64_t page = address.page_down().value;
  Result<void> result = err(area->source ? Errno::noent : Errno::fault);
  for_each_page(page, page + kPageSize, [&](const PageView& view) {
    if (view.is_zero_page) return void(result = err(Errno::fault));
    result = is_accessible(area->flags) ? Result<void>{} : err(Errno::noent);
  });
  return result;
}

}  // namespace k::mm
