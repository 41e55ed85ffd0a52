var _=class extends Error{name="GpuError"},W=class extends _{name="GpuOutOfMemoryError"},Y=class extends _{name="GpuLostError"};function Z(t){return Float32Array.from(t,e=>{let r=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:r*(1/0):r*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var ot=2**52;function ge(t){let e=new Uint32Array(t.buffer,t.byteOffset,t.length),r=new Uint16Array(t.length);for(let a=0;a<t.length;a++){let o=e[a]>>>16&32768,n=e[a]&2147483647,s;n>2139095040?s=32256:n>=1199566848?s=31744:n<947912704?s=Math.abs(t[a])*2**24+ot-ot:s=n-939524096+4095+(n>>>13&1)>>>13,r[a]=o|s}return r}function z(t){return t.reduce((e,r)=>e*r,1)}function U(t){return Math.ceil(t/4)*4}function R(t){return t.join("×")}function ee(t,e){return Math.ceil(t/e)}function $e(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function nt(t){let e=[],r=[],a=new Array(t.length).fill(-1),o=t.map((n,s)=>s).sort((n,s)=>t[s].bytes-t[n].bytes||t[n].first-t[s].first);for(let n of o){let s=t[n],i=r.findLastIndex(l=>l.every(d=>!Br(d,s)));i<0&&(i=e.push(s.bytes)-1,r.push([])),r[i].push(s),a[n]=i}return{assignment:a,sizes:e}}function Br(t,e){return t.first<=e.last&&e.first<=t.last}var $={f32:4,f16:2};function Ie(t,e,r="f32"){return e==="flat"?z(t)*$[r]:z(t.slice(0,-1))*U(t[t.length-1])*$[r]}function ye(t,e,r){let a=U(e);if(a===e)return r?.set(t),r??t;let o=t.length/e,n=r??new Float32Array(o*a);for(let s=0,i=0,l=0;s<o;s++,l+=a-e)for(let d=0;d<e;d++)n[l++]=t[i++];return n}function ie(t,e){let r=U(e);if(r===e)return t;let a=t.length/r,o=new Float32Array(a*e);for(let n=0,s=0,i=0;n<a;n++,s+=r-e)for(let l=0;l<e;l++)o[i++]=t[s++];return o}var B=64,Wr=65535,ve=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=[];#t=new Map;#a="";constructor(e){this.training=e.training}tensor(e,r,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new _(`Cannot record the tensor ${r}: its shape ${R(e)} must have positive extents`);let{layout:o="image",type:n="f32"}=a,s={id:this.tensors.length,name:r,shape:e,layout:o,type:n,lifetime:a.lifetime??"planned",bytes:Ie(e,o,n),...a.external?{external:a.external}:{}};return this.tensors.push(s),s}input(e,r,a="f32"){let o=this.tensor(r,e,{lifetime:"persistent",type:a});return this.inputs.set(e,o),o}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#a;this.#a=a?`${a}/${e}`:e;try{return r()}finally{this.#a=a}}dispatch(e,r,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(r).join())throw new _(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(r).join()}`);st(e,a.params);let n=o.filter(c=>e.bindings[c]==="read_write").map(c=>K(r[c]).tensor);for(let c of o){let{tensor:u}=K(r[c]);if(e.bindings[c]!=="read_write"?n.includes(u):n.filter(p=>p===u).length>1)throw new _(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let s={...a.types,...zr(e,r)},[i,l]=it(Math.ceil(a.invocations/(a.workgroup??B))),d={label:[a.owner??this.#a,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},types:s,params:[a.params],bindings:r,workgroups:[i,l,a.groups??1],once:a.once??!1,flops:a.flops??0};return this.dispatches.push(d),d}addJob(e,r,a,o=B){st(e.kernel,r);let n=e;n.params=[...n.params,r];let[s,i,l]=n.workgroups;n.workgroups=[...it(Math.max(s*i,Math.ceil(a/o))),l+1]}extend(e,r){let a=e;a.shape=[r],a.bytes=Ie(a.shape,"flat",e.type)}gradient(e,r){if(!this.training)return;let a=this.#a;this.#e.push(()=>{let o=this.#t.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>r(o.gradient))})}gradientOf(e){let r=this.#t.get(e);r||this.#t.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}hasGradient(e){return this.#t.has(e)}passGradient(e,r){if(this.#t.has(e))throw new _(`Cannot pass on ${r.name}: ${e.name} has a gradient already`);this.#t.set(e,{gradient:r,written:!0})}gradientInput(e,r){this.#t.set(r,{gradient:this.input(e,r.shape),written:!0})}afterBackward(e){this.#r.push(e)}backward(){for(let e of this.#e.splice(0).reverse())e();for(let e of this.#r.splice(0))e()}};function st(t,e){let a=t.params.map(o=>o.split(":")[0]).find(o=>e[o]===void 0);if(a)throw new _(`Cannot record ${t.name}: the parameter ${a} is not given`)}function it(t){let e=Math.max(1,Math.ceil(t/Wr));return[Math.max(1,Math.ceil(t/e)),e]}function zr(t,e){let r={},a=new Set(Object.keys(e)),o=n=>K(e[n]).tensor.type;for(let[n,s]of Object.entries(t.types??{}))for(let i of s)if(a.delete(i),(r[n]??=o(i))!==o(i))throw new _(`Cannot record ${t.name}: ${s.join(", ")} must be of one type`);for(let n of a)if(o(n)!=="f32")throw new _(`Cannot record ${t.name}: it takes ${n} as f32 only`);return r}function K(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function C(t){return t.bytes/(4*$[t.type])}function lt(t,e){let r=new Map,a=new Map;t.dispatches.forEach((c,u)=>{for(let p of Object.values(c.bindings)){let{tensor:f}=K(p);r.has(f)||r.set(f,u),a.set(f,u)}});for(let c of t.outputs.values())a.set(c,t.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,s=t.tensors.filter(c=>{if(c.external)n.set(c,c.external);else if(c.lifetime==="persistent")n.set(c,e(c.name,c.bytes,o));else return r.has(c);return!1}),{assignment:i,sizes:l}=nt(s.map(c=>({bytes:c.bytes,first:r.get(c),last:a.get(c)}))),d=l.map((c,u)=>e(`shared ${u}`,c,o));return s.forEach((c,u)=>n.set(c,d[i[u]])),n}function ct(t){let e=0,r=t.map(({kernel:o,params:n})=>{let s={offset:e,size:n.length*o.params.length*4};return e+=Math.ceil(s.size/256)*256,s}),a=new DataView(new ArrayBuffer(e));return t.forEach(({kernel:o,params:n},s)=>{let i=r[s].offset;for(let l of n)for(let d of o.params){let[c,u]=d.split(":");u==="f32"?a.setFloat32(i,l[c],!0):a.setInt32(i,l[c],!0),i+=4}}),{words:new Uint32Array(a.buffer),ranges:r}}function dt({kernel:t,bindings:e,params:r}){let a=r.some(({accumulate:o=0})=>o!==0);return Object.entries(e).reduce((o,[n,s])=>{let i=t.bindings[n]==="read_write"&&(a||t.updates?.includes(n));return o+K(s).size*(i?2:1)},0)}var we=class{#e;#r;#t=new Map;#a=0;constructor(e,r){this.#e=e,this.#r=r}async read(e,r,a){let{device:o,times:n}=this.#e,s=performance.now(),i=this.#t.get(e);i||this.#t.set(e,i=[]);let l=i.pop(),d=h=>{let y=o.createCommandEncoder();return y.copyBufferToBuffer(a,0,h,0,r.bytes),o.queue.submit([y.finish()]),h},c=l?d(l):await this.#o(e,r,d);try{await c.mapAsync(GPUMapMode.READ)}catch(h){throw this.#e.check(),h}let u=performance.now();n.compute+=(u-Math.max(s,this.#a))/1e3,this.#a=u;let p=c.getMappedRange(0,r.bytes).slice(0),f=r.type==="f16"?Z(new Uint16Array(p)):new Float32Array(p);c.unmap(),i.push(c),this.#e.check();let m=r.layout==="image"?ie(f,r.shape[r.shape.length-1]):f;return n.download+=(performance.now()-u)/1e3,m}async#o(e,r,a){let{device:o}=this.#e;o.pushErrorScope("validation"),o.pushErrorScope("out-of-memory");let n,s;try{s=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#r.push(s),a(s)}finally{n=[o.popErrorScope(),o.popErrorScope()]}let[i,l]=await Promise.all(n);if(i)throw new W(`The GPU is out of memory to read ${e}: ${i.message}`);if(l)throw new _(`Cannot read ${e}: ${l.message}`);return s}};var ut=2048,jr=60,pt=new WeakMap;function Vr(t){return t.device.features.has("timestamp-query")}async function mt(t,e){if(!Vr(t))throw new _("Cannot profile: the adapter has no timestamp queries");let r=await Hr(t),a=[];for(let o=0;o<e.length;o+=ut){let n=await ft(t,e.slice(o,o+ut));for(let s=0;s<n.length;s+=2)a.push(Math.max(0,Number(n[s+1]-n[s])*r))}return a}async function ft(t,e){let{device:r}=t,a=e.length*2,o=r.createQuerySet({type:"timestamp",count:a}),n=t.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=t.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=r.createCommandEncoder();return e.forEach((l,d)=>{let c=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:d*2,endOfPassWriteIndex:d*2+1}});l(c),c.end()}),i.resolveQuerySet(o,0,a,n,0),i.copyBufferToBuffer(n,0,s,0,a*8),r.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ),t.check(),new BigUint64Array(s.getMappedRange(0,a*8).slice(0))}finally{for(let i of[n,s])t.release(i);o.destroy()}}function Hr(t){let e=pt.get(t);return e||pt.set(t,e=qr(t)),e}async function qr(t){let e=async()=>{let o=performance.now(),[n]=await ft(t,[()=>{}]);return{now:o,start:n}};await e();let r=await e();await new Promise(o=>setTimeout(o,jr));let a=await e();return Yr(Number(a.start-r.start),(a.now-r.now)*1e6)}function Yr(t,e){let r=e/t;return t>0&&(r<.5||r>2)?r:1}function ht(t,{compiled:e,group:r,dispatch:a}){t.setPipeline(e.pipeline),t.setBindGroup(0,r),t.dispatchWorkgroups(...a.workgroups)}async function gt(t,e){let r=performance.now();try{return await Jr(t,e)}finally{t.times.prepare+=(performance.now()-r)/1e3}}async function Jr(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:u,constants:p,types:f}of e.dispatches)a.push(await t.kernel(u,p,f));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let o=[],n=(u,p,f)=>{let m=t.buffer(u,p,f);return o.push(m),m},s=()=>o.forEach(u=>t.release(u)),i,l;try{let u=lt(e,n),p=ct(e.dispatches),f=n("params",Math.max(p.words.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST);t.write(f,0,p.words);let m=e.dispatches.map((h,y)=>({dispatch:h,compiled:a[y],group:r.createBindGroup({label:h.label,layout:a[y].layout,entries:[{binding:0,resource:{buffer:f,...p.ranges[y]}},...Object.values(h.bindings).map((w,g)=>{let{tensor:b,offset:v,size:k}=K(w);return{binding:g+1,resource:{buffer:u.get(b),offset:v,size:k}}})]})}));i=new Ke(t,e,m,u,o)}catch(u){l=u}let d=await r.popErrorScope(),c=await r.popErrorScope();if(d?l=new W(`The GPU is out of memory for a plan: ${d.message}`):c&&(l??=new _(`Cannot build a plan: ${c.message}`)),l)throw s(),l;return i}var Ke=class{#e;#r;#t;#a;#o;#n;#s=new Map;#i=!0;constructor(e,r,a,o,n){this.#e=e,this.#r=r,this.#t=a,this.#a=o,this.#o=n,this.#n=new we(e,n)}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new _(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=r;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#s.get(e);if(i||this.#s.set(e,i=new Float32Array(C(a)*4)),r.length!==a.shape.reduce((l,d)=>l*d,1))throw new _(`Cannot write ${e}: it is ${R(a.shape)}, got ${r.length} values`);n=ye(r,s,i)}this.#e.write(this.#a.get(a),0,a.type==="f16"?ge(n):n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),r=this.#e.device.createCommandEncoder(),a=r.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||ht(a,o);a.end(),this.#e.device.queue.submit([r.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new _(`Cannot read ${e}: the plan has no such output`);return await this.#n.read(e,r,this.#a.get(r))}describe(){let e=this.#o.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,s])=>`${n} ${K(s).tensor.name} ${R(K(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#o.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#o.reduce((e,r)=>e+r.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#i),r=await mt(this.#e,e.map(a=>o=>ht(o,a)));return this.#i=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:r[o]/1e6,flops:a.flops,bytes:dt(a)}))}[Symbol.dispose](){for(let e of this.#o.splice(0))this.#e.release(e)}};var yt={none:0,relu:1,"leaky-relu":2};function le(t){return yt[t]}var vt=new WeakMap;function wt(t,e){vt.set(t,e)}function te(t){return vt.get(t)??"none"}function F(t,e){let r=te(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:yt[r]}}}var Qr={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"},types:{a4:["a"],b4:["b"],result4:["y"]}},bt={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Xr={name:"add_grad_in_place",params:["count","accumulate","activation_a","activation_b"],bindings:{a:"read",b:"read",dy:"read_write",db:"read_write"},includes:["activation"],updates:["dy"]};function be(t,e,r,a="add",o=new Set){if(e.shape.join()!==r.shape.join())throw new _(`Cannot record add "${a}": its terms are ${R(e.shape)} and ${R(r.shape)}`);let n=t.tensor(e.shape,a,{type:e.type===r.type?e.type:"f32"}),s=C(n);return t.within(a,()=>{t.dispatch(Qr,{a:e,b:r,y:n},{params:{count:s},invocations:s}),t.gradient(n,i=>{let l=[e,r].filter(u=>!o.has(u)),d=e===r?[]:l.filter(u=>!t.hasGradient(u)),c=d.find(u=>te(u)==="none")??(l.length===2?d[0]:void 0);Zr(t,i,l,c)})}),n}function xe(t,e,r){let{gradient:a,accumulate:o}=t.gradientOf(e),{activated:n,constants:s}=F(e,r),i=C(r);t.dispatch(bt,{dy:r,activated:n,dx:a},{params:{count:i,accumulate:Number(o)},constants:s,invocations:i})}function Zr(t,e,r,a){let o=C(e),n=r.filter(i=>i!==a),s=a!==void 0&&te(a)!=="none";for(let i of n){let{gradient:l,accumulate:d}=t.gradientOf(i),{activated:c,constants:u}=F(i,s?a:e);s?t.dispatch(Xr,{a,b:c,dy:e,db:l},{params:{count:o,accumulate:Number(d),activation_a:F(a,a).constants.ACTIVATION,activation_b:u.ACTIVATION},invocations:o}):t.dispatch(bt,{dy:e,activated:c,dx:l},{params:{count:o,accumulate:Number(d)},constants:u,invocations:o})}a&&t.passGradient(a,e)}var ea={name:"add_at_extremes",params:["count","c4","channels"],bindings:{x:"read",base:"read",r:"read",y:"read_write"},includes:["extremes"],types:{correction4:["r"]}},ta={name:"add_at_extremes_grad",params:["count","c4","channels","accumulate"],bindings:{dy:"read",x:"read",activated:"read",dr:"read_write"},includes:["activation","extremes"]};function xt(t,e,r,a,o,n="addAtExtremes",s=new Set){for(let p of[r,a])if(e.shape.join()!==p.shape.join()||a===e||a===r){let f=[e,r,a].map(({shape:m})=>R(m)).join(", ");throw new _(`Cannot record addAtExtremes "${n}": it takes tensors of one shape and a correction that is none of the others, not ${f}`)}let i=t.tensor(e.shape,n),l=C(i),d=e.shape[3],c={count:l,c4:U(d)/4,channels:d},u=+(o==="holes");return t.within(n,()=>{t.dispatch(ea,{x:e,base:r,r:a,y:i},{params:c,constants:{WHOLE:u},invocations:l}),t.gradient(i,p=>{if(!s.has(a)){let{gradient:f,accumulate:m}=t.gradientOf(a),{activated:h,constants:y}=F(a,p);t.dispatch(ta,{dy:p,x:e,activated:h,dr:f},{params:{...c,accumulate:Number(m)},constants:{...y,WHOLE:u},invocations:l})}s.has(r)||xe(t,r,p)})}),i}var O=t=>"upsampled"in t?t.upsampled:t,D=t=>"upsampled"in t?1:0,P=t=>U(t.shape[3])/4;function Le(t){let{shape:e}=O(t),r=1<<D(t);return[e[1]*r,e[2]*r]}function Fe(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new _(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[o,n]=Le(t[0]),s=O(t[0]).shape[0];for(let i of t){let[l,d]=Le(i),{shape:c}=O(i);if(c.length!==4||l!==o||d!==n||c[0]!==s)throw new _(`Cannot record conv2d "${e}": its inputs are ${R(O(t[0]).shape)} and ${R(c)}`)}if(t.length===2&&D(t[1]))throw new _(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,ee(o,r),ee(n,r),a]}function _t(t,e){let[r,a]=Le(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((o,n)=>o+P(O(n)),0),out4:P(e),...e.type==="f16"?{half:!0}:{}}}function kt(t,e,{name:r,kernel:a,outChannels:o}){let n=t.map(l=>O(l).shape[3]),s=e.specs.find(l=>l.name===`${r}.weight`),i=[a,a,n.reduce((l,d)=>l+d,0),o];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==n.join())throw new _(`Cannot record conv2d "${r}": input has ${n.join(" + ")} channels, so the weight is ${R(i)}; got ${s?R(s.shape):"none"}`)}function j({batch:t,out_height:e,out_width:r,options:a,sources:o},n){let s=n??o.reduce((i,l)=>i+O(l).shape[3],0);return 2*t*e*r*a.kernel**2*s*a.outChannels}function q(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}var re=globalThis.navigator?.hardwareConcurrency??2;var ra=19,ce=65536;function _e(t){return Math.ceil((72*t+2)/16)*16}function J(t){return Math.floor(ce/(_e(t)*16))}function De(t){return t%4===0||t%4===3}var Tt={old:16,new:8,gpu:16},aa=512;function oa(t,e,r){let{llvm:a,software:o}=t,{batch:n,height:s,width:i,kernel:l,stride:d}=e,c=Math.min(e.in4,e.out4),u=l===3&&d===1&&r!=="weight-gradient";if(o){if(a===void 0)return"tile8";let p=a<ra;if(u&&c>=Tt[p?"old":"new"])return"winograd4_tile16";if(!p)return"tile8";let f=r==="input-gradient"?e.in4:e.out4,m=n*Math.ceil(s/4)*Math.ceil(i/8)*Math.ceil(f/4);return r!=="weight-gradient"&&m>=16*re&&ae("tile8x4x16",e,r)?"tile8x4x16":"tile8x4"}return r==="weight-gradient"?"gemm":u&&c>=Tt.gpu?"winograd4":n*s*i/d**2/128>=aa?"gemm128":"gemm"}function ae(t,e,r){if(t==="naive"||t==="gemm"||t==="gemm128")return!0;if(t==="gemm_f16"||t==="gemm128_f16")return r==="forward"&&e.half===!0;if(e.kernel!==3||e.stride!==1)return!1;let a=t.startsWith("winograd");return r==="weight-gradient"?!a:t==="tile8x4x16"&&r==="forward"&&!De(e.out4)?!1:a||_e(r==="forward"?e.in4:e.out4)*16<=ce}function St(t,e,r,a){let o=t==="auto"?oa(e,r,a):t;return ae(o,r,a)?o:o==="gemm128_f16"?"gemm128":o==="tile8x4x16"&&ae("tile8x4",r,a)?"tile8x4":o==="winograd4_tile16"&&ae("tile8",r,a)?"tile8":o==="winograd2"||o==="winograd4"||o==="gemm_f16"?"gemm":"naive"}var sa=4;function Rt(t,e){let{batch:r,height:a,width:o,in4:n,out4:s,kernel:i,stride:l,half:d}=t;return`${e} ${r}×${a}×${o} ${n}→${s} ${i}×${i} /${l}${d?" f16":""}`}function ia(t){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)( f16)?$/.exec(t);if(!e)return;let[r,a,o,n,s,i,l]=e.slice(2,9).map(Number),d=e[1],c={batch:r,height:a,width:o,in4:n,out4:s,kernel:i,stride:l,...e[9]?{half:!0}:{}};return Rt(c,d)===t?{layer:c,role:d}:void 0}function Ot(t,e,r){if(t.size===0)return"auto";let a=t.get(Rt(e,r))??la(t,e,r);return a!==void 0&&ae(a,e,r)?a:"auto"}function la(t,e,r){let a;for(let[o,n]of t){let s=ia(o);if(s?.role!==r||!ca(s.layer,e))continue;let i=Math.abs(Math.log(At(s.layer)/At(e)));i<=Math.log(sa)&&i<(a?.distance??1/0)&&(a={variant:n,distance:i})}return a?.variant}function ca(t,e){return t.in4===e.in4&&t.out4===e.out4&&t.kernel===e.kernel&&t.stride===e.stride&&t.half===e.half}function At({batch:t,height:e,width:r}){return t*e*r}var da={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"],tile4:[],product4:[]},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4","CHUNK"]},ua=0,pa=1,ma=2,fa=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],Be={M:128,N:64,VECS:2};function We(t){let e=({N:r})=>Math.ceil(t/r)*(r+8);return fa.reduce((r,a)=>e(a)<e(r)?a:r)}var de={gemm:{large:!1,half:!1},gemm128:{large:!0,half:!1},gemm_f16:{large:!1,half:!0},gemm128_f16:{large:!0,half:!0}},ha=32;function Pt(t,e,r){let{batch:a,in4:o,out4:n,kernel:s,weight:i,bias:l}=t,d=e.role==="forward",[c,u]=d?[t.out_height,t.out_width]:[t.height,t.width],[p,f=p]=e.sources.map(O),m=d?1:t.stride;Et(t.rec,{a:p,b:f,w:i,bias:l,activated:e.residual??e.activated,y:e.target},{batch:a,rows:c,columns:u,height:d?t.height:t.out_height*m,width:d?t.width:t.out_width*m,a4:P(p),b4:e.sources[1]?P(f):0,shift:d?D(e.sources[0]):m-1,holes:m-1,target4:P(e.target),in4:o,out4:n,first4:e.first4,kernel:s,stride:d?t.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:d?pa:ua,kind:r,residual:e.residual!==void 0,flops:d?j(t):j(t,e.target.shape[3])})}function Ut(t,{v:e,u:r,m:a},{batch:o,rows:n,source4:s,target4:i}){Et(t,{a:e,b:e,w:r,bias:e,activated:e,y:a},{batch:o,rows:n/8,columns:8,height:n/8,width:8,a4:s,b4:0,shift:0,holes:0,target4:i,in4:s,out4:i,first4:0,kernel:1,stride:1,batch_weights:s*4*i,accumulate:0,activation:0},{mode:ma,residual:!1,kind:n%Be.M===0?de.gemm128:de.gemm,flops:2*o*n*s*4*i*4})}function Et(t,e,r,{mode:a,kind:o,residual:n,flops:s}){let{batch:i,rows:l,columns:d,a4:c,b4:u,target4:p}=r,f=We(p*4),m=o.large&&f.N===Be.N?Be:f,h=m.N===16||c+u===1?1:2,y=i*Math.ceil(l/(m.M/8))*Math.ceil(d/8),w=[e.a,e.w].every(g=>K(g).tensor.type==="f16");t.dispatch(da,e,{params:r,constants:{...m,K4:h,CHUNK:w&&o.half?ha/(4*h):0,MODE:a,RESIDUAL:Number(n)},types:{tile4:w?"f16":"f32",product4:w&&o.half?"f16":"f32"},invocations:y*B,groups:Math.ceil(p*4/m.N),flops:s})}function Ct(t){return{name:t,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},types:{source4:["x"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_tile"],prelude:t==="conv2d_tile8"?["WORKGROUP"]:["WORKGROUP","OUTPUTS4"]}}var Nt=Ct("conv2d_tile8"),Mt=Ct("conv2d_tile8x4"),Gt={name:"conv2d_pack",params:["weight","bias","packed","in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],jobs:!0,bindings:{weights:"read",packed:"read_write"},types:{weight4:["weights"]},prelude:["WORKGROUP"]},$t={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],result4:["y"]},includes:["activation"]},It={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Kt={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},prelude:["WORKGROUP"]},Lt={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ft={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function Dt(t,e){let{rec:r,options:a,weight:o,bias:n}=t,{kernel:s,stride:i}=a;if(e.role==="forward"){let[p,f=p]=e.sources.map(O);r.dispatch($t,{a:p,b:f,w:o,bias:n,y:e.target},{params:{...q(t,["batch","height","width","out_height","out_width","out4"]),a4:P(p),b4:e.sources[1]?P(f):0,a_shift:D(e.sources[0]),kernel:s,stride:i},constants:{ACTIVATION:e.activation},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:j(t)});return}let{target:l,activated:d,first4:c}=e,u=P(l);r.dispatch(It,{dy:O(e.sources[0]),w:o,activated:d,dx:l},{params:{...q(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:u,first4:c,kernel:s,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:t.batch*t.height*t.width*u,flops:j(t,l.shape[3])})}var ke={tile8:{height:1,blocks:1,step:2,added:4,dispatch:30},tile8x4:{height:4,blocks:1,step:5,added:15,dispatch:30},tile8x4x16:{height:4,blocks:2,step:8,added:30,dispatch:30}};function Bt(t,e,r,a,o=re){let{step:n,added:s,dispatch:i,blocks:l}=ke[a],d=t,c=1/0;for(let u=1;u<=t;u++){let p=Math.ceil(t/u),f=J(p)-J(p)%l;if(f<1)continue;let m=0;for(let h=0;h<e;h+=f){let y=r*Math.min(f,e-h)/l;m+=u*i+Math.ceil(y/(8*o))*(t*n+(u-1)*s)}m<c&&([c,d]=[m,p])}return d}var ga=1.5*2**20,Wt=256,oe=class{tensor;#e;#r=0;constructor(e,r,a=void 0){this.#e=e,this.tensor=e.tensor([1],r,{layout:"flat",...a})}holds(e){return this.#r===0||this.#r+e<=ga}take(e,r=e){let a=this.#r;this.#r=Math.ceil((a+e)/Wt)*Wt;let o=Math.max(this.tensor.bytes,a+e,a+r);return this.#e.extend(this.tensor,o/$[this.tensor.type]),{tensor:this.tensor,offset:a,size:e}}};var zt=new WeakMap;function Te(t,e,r,a,o){let{kernel:n,role:s,constants:i,workgroup:l,weights:d,type:c}=e,u=zt.get(t);u||zt.set(t,u=new Map);let p=JSON.stringify([n.name,s,i,l,d.id,c]),f=!t.training,m=u.get(p);if(!m?.room.holds(r.bytes)){let w=f?"persistent":"planned";u.set(p,m={room:new oe(t,`${n.name} ${s}`,{type:c,lifetime:w})})}let h=m.room.take(r.bytes,r.reach),y=a(h.offset);if(m.dispatch)t.addJob(m.dispatch,y,o,l);else{let[w,g]=Object.keys(n.bindings);m.dispatch=t.dispatch(n,{[w]:d,[g]:m.room.tensor},{owner:`weights/${s}`,params:y,constants:i,invocations:o,workgroup:l,once:f})}return h}var ya=0,va=1,wa=2;function jt(t,e,r){let a=P(e.target),o=r==="tile8x4x16"&&!ba(t,e)?"tile8x4":r,n=Math.ceil(a/2),s=t.batch*Math.ceil(t.height/ke[o].height)*Math.ceil(t.width/8),i=[],l=0;for(let d of e.sources){let c=P(O(d)),u=t.software?Bt(c,n,s,o):c;for(let p=0;p<c;p+=u)i.push({source:d,first4:p,in4:Math.min(u,c-p),place4:l+p});l+=c}i.forEach((d,c)=>xa(t,e,o,d,{tiles:s,blocks:n,first:c===0,last:c===i.length-1}))}function ba({software:t},{sources:e,target:r}){let a=o=>J(P(O(o)))>=2;return De(P(r))&&(t||e.every(a))}function xa(t,e,r,{source:a,first4:o,in4:n,place4:s},{tiles:i,blocks:l,first:d,last:c}){let{rec:u,batch:p,height:f,width:m,software:h}=t,y=e.role==="forward",w=O(a),g=P(e.target),b=_e(n),v=ke[r].blocks,k=J(n)-J(n)%v,x=r!=="tile8",T=h?8:B,S=Math.floor((l-1)/k)*k*b*16,A=4*$[t.weight.tensor.type],G=l*2*n,I=Te(u,{kernel:Gt,role:e.role,workgroup:T,weights:t.weight.tensor,type:"f32",constants:{FORWARD:Number(y),WORKGROUP:T}},{bytes:l*b*16,reach:S+ce},N=>({weight:t.weight.offset/A,bias:t.bias.offset/A,packed:N/16,in4:t.in4,out4:t.out4,source4:n,source_first4:s,target4:g,first4:e.first4,block_vec4s:b,count:G}),G),M=c?e.residual:void 0;for(let N=0;N<l;N+=k){let L=Math.min(k,l-N);u.dispatch(x?Mt:Nt,{x:w,w:{...I,offset:I.offset+N*b*16,size:ce},activated:M??e.activated,y:e.target},{params:{batch:p,height:f,width:m,x4:P(w),first4:o,in4:n,shift:D(a),out4:g,first_block:N,blocks:L/v,block_vec4s:b,accumulate:Number(e.accumulate||!d),activation:c||!y?e.activation:0},constants:{MODE:y?d?va:wa:ya,BLOCKS_IN_LANES:Number(h),WORKGROUP:T,RESIDUAL:+(M!==void 0),...x&&{OUTPUTS4:v===2?4:g===1?1:2}},invocations:h?i*L/v:i,groups:h?1:L/v,workgroup:T,flops:18*p*f*m*n*4*Math.min(L*8,(g-N*2)*4)})}}var Ht={name:"sum_slices",params:["partials","total","count","slices","accumulate"],jobs:!0,bindings:{partials:"read",total:"read_write"}};function _a(t,e,r,a,o=!1){let n=K(r).size/16;t.dispatch(Ht,{partials:e,total:r},{params:{partials:0,total:0,count:n,slices:a,accumulate:Number(o)},invocations:n})}var Se=new WeakMap,ka=2**20;function ue(t,e,r,a){if(r===1){a(e);return}let o=r*e.size;if(o>ka){let l=t.tensor([o/4],"partials",{layout:"flat"});a(K(l)),_a(t,l,e,r);return}let n=Se.get(t);n&&(n.gradients!==e.tensor||!n.room.holds(o))&&(Vt(t),n=void 0),n||(n={room:new oe(t,"partials of gradients"),gradients:e.tensor,jobs:[]},Se.set(t,n),t.afterBackward(()=>Vt(t)));let s=n.room.take(o);a(s);let i=e.size/16;n.jobs.push({partials:s.offset/16,total:e.offset/16,count:i,slices:r,accumulate:0})}function Vt(t){let e=Se.get(t);if(!e)return;Se.delete(t);let[r,...a]=e.jobs,o=t.dispatch(Ht,{partials:e.room.tensor,total:e.gradients},{owner:"weights/weight-gradient",params:r,invocations:r.count});for(let n of a)t.addJob(o,n,n.count)}function pe(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var Ta={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{tile4:["x","dy"],product4:[]},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},Sa=512,Aa=256;function qt(t,e,r){let{rec:a,options:o,in4:n,out4:s,kernel:i,stride:l}=t,d=i**2,c=We(s*4),u=Math.ceil(s*4/c.N),p=y=>Math.ceil(d*y*4/c.M)*u,f=Math.min(Math.ceil(Sa/p(n)),Aa),{slices:m,each:h}=pe(t.batch*t.out_height,f);ue(a,r.range(a,`${o.name}.weight`,"gradients"),m,y=>{let w=0;for(let g of t.sources){let b=O(g),v=P(b);a.dispatch(Ta,{x:b,dy:e,partials:y},{params:{...q(t,["batch","height","width","out_height","out_width"]),in4:v,out4:s,shift:D(g),first4:w,total4:n,rows:h,kernel:i,stride:l,across:u},constants:{...c,K4:2},invocations:p(v)*B,groups:m,flops:j(t,b.shape[3])}),w+=v}})}var Ra=2048,Oa=128*re;function Yt(t,e){return 3*Math.ceil(t/2)*Math.ceil(e/2)}function Jt(t,e,r,a){if(a!=="naive"&&!a.startsWith("tile8"))return qt(t,e,r),!1;let{rec:o,options:n,in4:s,out4:i,software:l}=t,d=a!=="naive",c=n.kernel**2,p=(d&&l?Oa:Ra)/(d?Yt(s,i):s*i*c),{slices:f,each:m}=pe(t.batch*t.out_height,d&&l?Math.max(1,Math.round(p)):Math.ceil(p)),[h,y]=[`${n.name}.weight`,`${n.name}.bias`],w=d?r.span(o,h,y,"gradients"):void 0,g=w??r.range(o,h,"gradients"),b=w?g.size/16-i:0;return ue(o,g,f,v=>{let k=l?8:B,x=0;for(let T of t.sources){let S=O(T),A=P(S),G={out4:i,shift:D(T),in4:A,first4:x,total4:s,slices:f,rows:m},I=j(t,S.shape[3]);d?o.dispatch(Kt,{x:S,dy:e,partials:v},{params:{...q(t,["batch","height","width"]),...G,slice_vec4s:g.size/16,bias_at:x===0?b:0},constants:{WORKGROUP:k},invocations:Yt(A,i)*f,workgroup:k,flops:I}):o.dispatch(Lt,{x:S,dy:e,partials:v},{params:{...q(t,["batch","height","width","out_height","out_width"]),...G,kernel:n.kernel,stride:n.stride},invocations:c*A*i*f,flops:I}),x+=A}}),w!==void 0}function Qt(t,e,r){let{rec:a,options:o,out4:n}=t,s=t.batch*t.out_height*t.out_width,{slices:i,each:l}=pe(s,Math.ceil(256/n));ue(a,r.range(a,`${o.name}.bias`,"gradients"),i,d=>a.dispatch(Ft,{dy:e,partials:d},{params:{pixels:s,out4:n,slices:i,slice_pixels:l},invocations:n*i}))}var Pa={name:"winograd_weights",params:["weight","u","in4","out4","source4","target4","first4"],jobs:!0,bindings:{weights:"read",u:"read_write"},types:{weight4:["weights"],transformed4:["u"]},prelude:["TILE","WORKGROUP"]},Ua={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},types:{source4:["x"],transformed4:["v"]},prelude:["TILE","WORKGROUP"]},Ea={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},types:{transformed4:["m"],weight4:["bias"],activated4:["activated"],result4:["y"]},includes:["activation"],prelude:["TILE","WORKGROUP"]},Ca={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"},prelude:["WORKGROUP"]},Xt={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},Na=32*2**20;function Ma(t,e,r,a){let o=Math.ceil(t/r),n=Math.max(1,Math.floor(a/(e*r)));return Math.ceil(o/Math.ceil(o/n))*r}function Zt(t,e,{tile:r,registers:a},o=Na){let{rec:n,batch:s,height:i,width:l,in4:d,out4:c,options:u,software:p}=t,f=e.sources.reduce((M,N)=>M+P(O(N)),0),m=P(e.target),h=(r+2)**2,y=+(e.role==="forward"),w=r===2?t.weight.tensor.type:"f32",g=p?8:B,b=4*$[w],v=f*4*m,k=Te(n,{kernel:Pa,role:e.role,workgroup:g,weights:t.weight.tensor,type:w,constants:{TILE:r,WORKGROUP:g,FORWARD:y}},{bytes:h*v*b},M=>({weight:t.weight.offset/(4*$[t.weight.tensor.type]),u:M/b,in4:d,out4:c,source4:f,target4:m,first4:e.first4}),v),[x,T]=[Math.ceil(l/r),Math.ceil(i/r)],S=s*x*T,A=Ma(S,h*(f+m)*4*$[w],a?16:64,o),G=n.tensor([h,A,f*4],`${u.name}.winograd inputs`,{layout:"flat",type:w}),I=n.tensor([h,A,m*4],`${u.name}.winograd products`,{layout:"flat",type:w});for(let M=0;M<S;M+=A){let N=Math.min(A,S-M),L={height:i,width:l,first:M,count:N,stored:A,across:x,down:T},X=0;for(let rt of e.sources){let at=O(rt),Ge=P(at);n.dispatch(Ua,{x:at,v:G},{params:{...L,x4:Ge,first4:X,source4:f,shift:D(rt)},constants:{TILE:r,WORKGROUP:g},invocations:N*Ge,workgroup:g}),X+=Ge}a?n.dispatch(Ca,{v:G,u:k,m:I},{params:{parts:h,rows:A,source4:f,target4:m},constants:{WORKGROUP:g},invocations:h*(A/16)*Math.ceil(m/4),workgroup:g,flops:2*h*A*f*4*m*4}):Ut(n,{v:G,u:k,m:I},{batch:h,rows:A,source4:f,target4:m}),n.dispatch(Ea,{m:I,bias:t.bias,activated:e.residual??e.activated,y:e.target},{params:{...L,target4:m,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:r,WORKGROUP:g,FORWARD:y,RESIDUAL:+(e.residual!==void 0)},invocations:N*m,workgroup:g})}}var Ga={name:"residual_grad",params:["count","accumulate","activation_y","activation_r"],bindings:{s:"read",r:"read",ds:"read_write",dr:"read_write"},includes:["activation"],updates:["ds"]};function er(t,e,r){return e==="none"||!r.has(t)}function tr(t,{s:e,r,activation:a},o,n){if(n.has(r))return;if(a==="none"){xe(t,r,o);return}let{gradient:s,accumulate:i}=t.gradientOf(r),l=C(o);t.dispatch(Ga,{s:e,r,ds:o,dr:s},{params:{count:l,accumulate:Number(i),activation_y:le(a),activation_r:le(te(r))},invocations:l})}var $a={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"},types:{value4:["x","y"]}},Ia={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},rr=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:U(a)/4});function ar(t,e,r,a="up",o=new Set){let[n,s,i,l]=e.shape,d=t.tensor([n,s*2,i*2,l],a,{type:e.type});return t.within(a,()=>{t.dispatch($a,{x:e,y:d},{params:rr(e),constants:{BILINEAR:+(r==="bilinear")},invocations:C(d)}),o.has(e)?o.add(d):t.gradient(d,c=>ze(t,c,e,r))}),d}function ze(t,e,r,a){let{gradient:o,accumulate:n}=t.gradientOf(r),{activated:s,constants:i}=F(r,e);t.dispatch(Ia,{dy:e,activated:s,dx:o},{params:{...rr(r),accumulate:Number(n)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:C(r)})}function or(t,e,r,a,{variant:o="auto",withoutGradient:n=new Set,residual:s}={}){let{name:i,kernel:l,stride:d,activation:c}=a,u=Fe(e,a);if(kt(e,r,a),s&&s.tensor.shape.join()!==u.join()){let b=R(s.tensor.shape);throw new _(`Cannot record conv2d "${i}": it gives ${R(u)}, the residual is ${b}`)}if(t.training&&r.type!=="f32")throw new _(`Cannot record conv2d "${i}": parameters of f16 are for inference alone`);let p=t.tensor(u,i,{type:r.type}),f=r.range(t,`${i}.weight`),m=r.range(t,`${i}.bias`),{software:h}=r.adapter,y={rec:t,sources:e,options:a,y:p,weight:f,bias:m,kernel:l,stride:d,software:h,..._t(e,p)},w=b=>{let v=o==="auto"?Ot(r.choices,y,b):o;return St(v,r.adapter,y,b)},g=s&&w("forward")!=="naive"&&(!t.training||er(s.tensor,c,n))?s.tensor:void 0;return wt(p,g?"none":c),t.within(i,()=>{je(t,"forward",()=>{nr(y,{role:"forward",sources:e,target:p,activation:le(c),activated:O(e[0]),first4:0,accumulate:!1,residual:g},w("forward"))}),t.gradient(p,b=>{g&&tr(t,{s:p,r:g,activation:c},b,n),je(t,"weight-gradient",()=>{Jt(y,b,r,w("weight-gradient"))||Qt(y,b,r)});let v=0;for(let k of e){let x=O(k);je(t,"input-gradient",()=>{n.has(x)||Ka(y,b,k,v,w("input-gradient"))}),v+=P(x)}})}),s&&!g?be(t,s.tensor,p,s.name,n):p}function je(t,e,r){t.within(e,r)}function nr(t,e,r){r==="naive"?Dt(t,e):r==="tile8"||r==="tile8x4"||r==="tile8x4x16"?jt(t,e,r):r in de?Pt(t,e,de[r]):Zt(t,e,Xt[r])}function Ka(t,e,r,a,o){let{rec:n}=t,s=O(r),i="upsampled"in r?n.tensor([t.batch,t.height,t.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:l,accumulate:d}=i?{gradient:i,accumulate:!1}:n.gradientOf(s),{activated:c,constants:u}=i?{activated:e,constants:{ACTIVATION:0}}:F(s,e);nr(t,{role:"input-gradient",sources:[e],target:l,activation:u.ACTIVATION,activated:c,first4:a,accumulate:d},o),i&&ze(n,i,s,"nearest")}var La={name:"fill_holes",params:["count","height","width","c4","channels"],bindings:{x:"read",y:"read_write"},includes:["extremes"]};function sr(t,e,r="fillHoles"){let a=t.tensor(e.shape,r),[,o,n,s]=e.shape,i=C(a);return t.within(r,()=>{t.dispatch(La,{x:e,y:a},{params:{count:i,height:o,width:n,c4:U(s)/4,channels:s},constants:{WHOLE:1},invocations:i})}),a}var Fa={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"},types:{value4:["x","y"]}},Da={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function ir(t,e,r="pool"){let[a,o,n,s]=e.shape,i=U(s)/4,l=t.tensor([a,ee(o,2),ee(n,2),s],r,{type:e.type}),d=t.tensor([C(l)],`${r}.argmax`,{layout:"flat"}),c={batch:a,height:o,width:n,c4:i};return t.within(r,()=>{t.dispatch(Fa,{x:e,y:l,argmax:d},{params:c,invocations:C(l)}),t.gradient(l,u=>{let{gradient:p,accumulate:f}=t.gradientOf(e),{activated:m,constants:h}=F(e,u);t.dispatch(Da,{dy:u,argmax:d,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:C(e)})})}),l}var Ve=256,Ae=class{specs;type;length;#e;#r=new Map;#t=new Map;#a=new WeakMap;constructor(e,r,a="f32"){this.#e=e,this.specs=r,this.type=a;let o=0;for(let n of r){let s=lr(n);this.#r.set(n.name,{spec:n,offset:o,length:s}),o=this.#o(o+s)}this.length=o}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,r,a="values"){let{offset:o,length:n}=this.#n(r),s=$[this.type];return{tensor:this.whole(e,a),offset:o*s,size:n*s}}span(e,r,a,o){let n=this.range(e,r,o),s=this.range(e,a,o);return Math.ceil((n.offset+n.size)/Ve)*Ve===s.offset?{...n,size:s.offset+s.size-n.offset}:void 0}whole(e,r){let a=this.#a.get(e);a||this.#a.set(e,a=new Map);let o=a.get(r);return o||(o=e.tensor([this.length],`parameters.${r}`,{layout:"flat",type:this.type,lifetime:"persistent",external:this.#s(r)}),a.set(r,o)),o}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let s=e.get(o.name);if(!s||s.length!==z(o.shape))throw new _(`Cannot upload ${o.name}: it has ${z(o.shape)} values, got ${s?.length??"none"}`);a.set(Wa(s,o),n)}this.#e.write(this.#s(r),0,this.type==="f16"?ge(a):a)}async download(e="values"){let r=this.length*$[this.type],{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#s(e),0,o,0,r),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let s=o.getMappedRange(0,r).slice(0),i=this.type==="f16"?Z(new Uint16Array(s)):new Float32Array(s);return new Map([...this.#r.values()].map(({spec:l,offset:d,length:c})=>[l.name,za(i.subarray(d,d+c),l)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#o(e){let r=Ve/$[this.type];return Math.ceil(e/r)*r}#n(e){let r=this.#r.get(e);if(!r)throw new _(`Cannot find the parameter ${e}`);return r}#s(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*$[this.type],a),this.#t.set(e,r)}return r}};function Ba(t){return t.reduce((e,r)=>e+U(r),0)}function lr({shape:t,sources:e}){if(t.length===1)return U(t[0]);let[r,a,o,n]=t;return r*a*Ba(e??[o])*U(n)}function Wa(t,e){let{shape:r,sources:a}=e,o=r[r.length-1],n=ye(t,o);if(r.length===1)return n;let s=U(o),i=new Float32Array(lr(e));return cr(r,a,(l,d)=>i.set(n.subarray(l*s,(l+1)*s),d*s)),i}function za(t,e){let{shape:r,sources:a}=e,o=r[r.length-1];if(r.length===1)return ie(t,o).slice(0,o);let n=U(o),s=new Float32Array(z(r.slice(0,-1))*n);return cr(r,a,(i,l)=>s.set(t.subarray(l*n,(l+1)*n),i*n)),ie(s,o).slice()}function cr(t,e,r){let a=t[0]*t[1],o=0,n=0;for(let s=0;s<a;s++)for(let i of e??[t[2]]){for(let l=0;l<i;l++)r(o++,n+l);n+=U(i)}}var ja={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"},types:{value:["x","y"],value4:["y"]}},Va={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function dr(t,e,r,a="shuffle"){let[o,n,s,i]=e.shape,l=i/r**2;if(!Number.isInteger(l))throw new _(`Cannot record pixel shuffle "${a}": ${R(e.shape)} has no multiple of ${r**2} channels`);let d=t.tensor([o,n*r,s*r,l],a,{type:e.type}),c={batch:o,height:n,width:s,channels:l,factor:r,x_c4:U(i)/4,y_c4:U(l)/4};return t.within(a,()=>{t.dispatch(ja,{x:e,y:d},{params:c,invocations:C(d)}),t.gradient(d,u=>{let{gradient:p,accumulate:f}=t.gradientOf(e),{activated:m,constants:h}=F(e,u);t.dispatch(Va,{dy:u,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:C(e)})})}),d}var Ha=[1,2,4];function ur(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,o=(d,c,u,p)=>{if(!Number.isInteger(c)||c<u||c>p)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${u} to ${p}, got ${c}`)};o("base",e,1,512),o("depth",r,0,6),o("blocks",a,1,16);let n={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(d,c)=>e*2**c),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,corrects:t.corrects??"all",filled:t.filled??!1,residualBlocks:t.residualBlocks??!0,scale:t.scale??1};if(!Ha.includes(n.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${n.scale}`);o("channels",n.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:l}=n;if(s.forEach(d=>o("a width",d,1,4096)),i.forEach(d=>o("a scale's encoder blocks",d,1,16)),l.forEach(d=>o("a scale's decoder blocks",d,1,16)),i.length!==s.length||l.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${l.length}`);for(let[d,c,u]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]],["corrects",n.corrects,["all","extremes","holes"]]])if(!u.includes(c))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${u.join(", ")}, got ${c}`);if(n.corrects!=="all"&&!(n.residual&&n.scale===1))throw new RangeError(`Cannot make a U-Net: corrects=${n.corrects} needs residual=true and scale=1`);return n}function me(t){return 2**(t.widths.length-1)}function Q(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:o,activation:n,down:s,up:i,residual:l,residualBlocks:d}=t,c=t.scale,u=[],p=[],f=(v,k,x,T,S,A=1,G=3)=>{u.push({op:"conv2d",name:v,inputs:k,output:v,kernel:G,stride:A,inChannels:x,outChannels:T,activation:S});let I=x.reduce((M,N)=>M+N,0);return p.push({name:`${v}.weight`,shape:[G,G,I,T]},{name:`${v}.bias`,shape:[T]}),v},m=(v,k,x)=>{let T=f(v,[k],[x],x,n);return d?(u.push({op:"add",inputs:[k,T],output:`${v}.sum`}),`${v}.sum`):T},h=r.length-1,y=[],w=t.filled?"filled":void 0;w&&u.push({op:"fillHoles",input:"image",output:w});let g="image",b=e;for(let v=0;v<=h;v++){v>0&&(y.push(g),s==="stride"?(g=f(`down${v}`,[g],[b],r[v],n,2),b=r[v]):(u.push({op:"maxPool",input:g,output:`pool${v}`}),g=`pool${v}`));let k=v===0&&w?["image",w]:[g];g=f(`enc${v}.0`,k,k.map(()=>b),r[v],n),b=r[v];for(let x=1;x<a[v];x++)g=m(`enc${v}.${x}`,g,b)}for(let v=h-1;v>=0;v--){u.push({op:"upsample",input:g,output:`up${v}`,mode:i}),g=f(`dec${v}.0`,[`up${v}`,y[v]],[b,r[v]],r[v],n),b=r[v];for(let k=1;k<o[v];k++)g=m(`dec${v}.${k}`,g,b)}if(g=f("out",[g],[b],e*c**2,"none"),c!==1&&(u.push({op:"pixelShuffle",input:g,output:"shuffled",factor:c}),g="shuffled"),l){let v="image";for(let k=2;k<=c;k*=2)u.push({op:"upsample",input:v,output:`image.x${k}`,mode:"bilinear"}),v=`image.x${k}`;u.push(t.corrects==="all"?{op:"add",inputs:[v,g],output:"restored"}:{op:"addAtExtremes",inputs:[v,w??v,g],extremes:t.corrects==="holes"?"holes":"values",output:"restored"}),g="restored"}return{nodes:u,parameters:p,output:g}}function He(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of Q(t).nodes){let o=("inputs"in r?r.inputs:[r.input]).map(i=>e.get(i)),n=Math.max(...o.map(i=>i.radius)),s=o[0].scale;r.op==="conv2d"?e.set(r.output,{scale:s*r.stride,radius:n+(r.kernel-1)/2*s}):r.op==="maxPool"?e.set(r.output,{scale:s*2,radius:n+s}):r.op==="upsample"?e.set(r.output,{scale:s/2,radius:n+(r.mode==="nearest"?s/2:s)}):r.op==="fillHoles"?e.set(r.output,{scale:s,radius:n+s*3}):r.op==="pixelShuffle"?e.set(r.output,{scale:s/r.factor,radius:n}):e.set(r.output,{scale:s,radius:n})}return e.get(Q(t).output).radius}function pr(t,e,r="f32"){let a=Q(e),o=new Map(a.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new Ae(t,a.parameters.map(n=>({...n,sources:o.get(n.name)})),r)}function mr(t,e,r,a,o={}){let n=me(r),[,s,i,l]=e.shape;if(s%n||i%n||l!==r.channels)throw new _(`Cannot record the U-Net: the image is ${s}×${i}×${l}, it takes multiples of ${n} and ${r.channels} channels`);let d=Q(r),c=new Map([["image",e]]),u=new Set([e]),p=m=>{let h=c.get(m);if("upsampled"in h)throw new _(`Cannot record the U-Net: ${m} is read by more than a convolution`);return h},f=Ya(d);for(let m of d.nodes)if(!c.has(m.output))if(m.op==="conv2d"){let h=m.inputs.map(b=>c.get(b)),y=f.get(m.output),w=y&&{tensor:p(y.inputs[0]),name:y.output},g=or(t,h,a,m,{...o,withoutGradient:u,residual:w});c.set(y?.output??m.output,g)}else if(m.op==="maxPool")c.set(m.output,ir(t,p(m.input),m.output));else if(m.op==="fillHoles"){let h=sr(t,p(m.input),m.output);u.add(h),c.set(m.output,h)}else if(m.op==="addAtExtremes"){let[h,y,w]=m.inputs.map(p);c.set(m.output,xt(t,h,y,w,m.extremes,m.output,u))}else if(m.op==="add"){let[h,y]=m.inputs.map(p);c.set(m.output,be(t,h,y,m.output,u))}else m.op==="pixelShuffle"?c.set(m.output,dr(t,p(m.input),m.factor,m.output)):m.mode==="nearest"?c.set(m.output,{upsampled:p(m.input)}):c.set(m.output,ar(t,p(m.input),m.mode,m.output,u));return p(d.output)}function Ya({nodes:t,output:e}){let r=new Map([[e,1]]);for(let n of t)for(let s of"inputs"in n?n.inputs:[n.input])r.set(s,(r.get(s)??0)+1);let a=new Set(t.flatMap(n=>n.op==="conv2d"?[n.output]:[])),o=t.filter(n=>n.op==="add");return new Map(o.flatMap(n=>{let[,s]=n.inputs;return a.has(s)&&r.get(s)===1?[[s,n]]:[]}))}var Ja=2,Re=class{topology;#e;#r;#t=new Map;#a=new Map;constructor(e,r,a={}){let{precision:o="f32"}=a;if(o==="f16"&&!e.half)throw new _("Cannot run in f16: the device was opened without it");this.topology=r.topology,this.#e=e,this.#r=pr(e,r.topology,o),this.#r.upload(r.parameters)}async predict(e,r){let a=await this.#o(r);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let r=e.join("×"),a=this.#t.get(r);if(a)return this.#t.delete(r),this.#t.set(r,a),a;let o=this.#a.get(r);return o||(o=this.#n(r,e).finally(()=>this.#a.delete(r)),this.#a.set(r,o)),await o}async#n(e,r){let a=new ve({training:!1});a.output("restored",mr(a,a.input("image",r),this.topology,this.#r));let o=await gt(this.#e,a);this.#t.set(e,o);for(let[n,s]of this.#t){if(this.#t.size<=Ja)break;this.#t.delete(n),s[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var ne=class extends Error{name="TileTooLargeError"};function Qa(t,e="f32"){return t.software?256:e==="f16"?1448:1024}var Oe=class{topology;device;preferredTile;precision;concurrency=2;#e;#r;#t;constructor(e,r,a,o={}){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.precision=o.precision??"f32",this.preferredTile=Qa(e.adapter,this.precision),this.#e=e,this.#r=o.owned??!1,this.#t=new Re(e,{topology:r,parameters:a},{precision:this.precision})}async run(e,r,a){try{return await this.#t.predict(e,[1,r,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new Y(n.message,{cause:o}):o instanceof W?new ne(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:r,compute:a,download:o}=this.#e.times;return{prepare:e,upload:r,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var E=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var qe={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4s, each tensor of f32 or f16, summed in f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = result4(vec4f(a[index]) + vec4f(b[index]));
}
`,add_at_extremes:`// Correction of extremes: y = base + r where x is extreme (extremes.wgsl), else y = base; over vec4s of f32; r may be f16.
// An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> base: array<vec4f>;
@group(0) @binding(3) var<storage, read> r: array<correction4>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let known = base[index];
  y[index] = select(known, known + vec4f(r[index]), extremes_of(index));
}
`,add_at_extremes_grad:`// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x is extreme (extremes.wgsl), else 0; over vec4 f32;
// added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = select(vec4f(0.0), dy[index] * activation_slope(activated[index]), extremes_of(index));
  if (params.accumulate != 0) { gradient += dr[index]; }
  dr[index] = gradient;
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,add_grad_in_place:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy takes the place of dy, which nobody needs
// any more, and db = activation_slope(b) * dy is added to what db holds when params.accumulate is set. Elementwise over vec4 f32; an
// invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> db: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = dy[index];
  dy[index] = gradient * slope_as(a[index], params.activation_a);
  var to_b = gradient * slope_as(b[index], params.activation_b);
  if (params.accumulate != 0) { to_b += db[index]; }
  db[index] = to_b;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  var pixel = slice * params.slice_pixels;
  loop {
    sum += dy[pixel * params.out4 + o];
    pixel++;
    if (pixel >= end) { break; }
  }
  partials[index] = sum;
}
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)]; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// All are f32 or f16, added up in f32: where products are f16 (CHUNK not 0), their sums over CHUNK fetches of k are added to f32 ones.
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> tile4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: tile4;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = tile4(a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)]);
  } else {
    v = tile4(b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)]);
  }
  return select(tile4(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(
    tile4(w[at]),
    tile4(w[at + params.out4]),
    tile4(w[at + 2 * params.out4]),
    tile4(w[at + 3 * params.out4]),
  );
  return Four(
    select(tile4(), v.v0, inside),
    select(tile4(), v.v1, inside),
    select(tile4(), v.v2, inside),
    select(tile4(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  } else {
    y[at] = result4(value);
  }
}

// The sums of an invocation in f32.
struct Totals {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

fn added(t: Totals, s: Sums) -> Totals {
  return Totals(
    t.s0 + vec4f(s.s0),
    t.s1 + vec4f(s.s1),
    t.s2 + vec4f(s.s2),
    t.s3 + vec4f(s.s3),
    t.s4 + vec4f(s.s4),
    t.s5 + vec4f(s.s5),
    t.s6 + vec4f(s.s6),
    t.s7 + vec4f(s.s7),
    t.t0 + vec4f(s.t0),
    t.t1 + vec4f(s.t1),
    t.t2 + vec4f(s.t2),
    t.t3 + vec4f(s.t3),
    t.t4 + vec4f(s.t4),
    t.t5 + vec4f(s.t5),
    t.t6 + vec4f(s.t6),
    t.t7 + vec4f(s.t7),
  );
}

// Four pixels of a row, four channels.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Pixels) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var b0 = vec4f();
  var b1 = vec4f();
  if (MODE == 1u) {
    b0 = vec4f(bias[min(o0 + o, params.target4 - 1)]);
    b1 = vec4f(bias[min(o0 + o + ACROSS_N, params.target4 - 1)]);
  }
  // The bias is where the sums are f32.
  var s = Sums();
  var total = Totals();
  if (CHUNK == 0) {
    let p0 = product4(b0);
    let p1 = product4(b1);
    s = Sums(p0, p0, p0, p0, p0, p0, p0, p0, p1, p1, p1, p1, p1, p1, p1, p1);
  } else {
    total = Totals(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) {
      multiply(&s, step & 1, m, o);
      if (CHUNK != 0) {
        if (step % max(CHUNK, 1) == CHUNK - 1) {
          total = added(total, s);
          s = Sums();
        }
      }
    }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  total = added(total, s);
  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Pixels(total.s0, total.s1, total.s2, total.s3));
  store(n, far, first, o0 + o, Pixels(total.s4, total.s5, total.s6, total.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Pixels(total.t0, total.t1, total.t2, total.t3));
    store(n, far, first, o0 + o + ACROSS_N, Pixels(total.t4, total.t5, total.t6, total.t7));
  }
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4]; f32 or f16, summed in f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = vec4f(bias[o]);
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = vec4f(a[at_a + c]); } else { v = vec4f(b[at_b + c - params.a4]); }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), vec4f(w[t]), sum);
        sum = fma(vec4f(v.y), vec4f(w[t + params.out4]), sum);
        sum = fma(vec4f(v.z), vec4f(w[t + 2 * params.out4]), sum);
        sum = fma(vec4f(v.w), vec4f(w[t + 3 * params.out4]), sum);
      }
    }
  }
  y[index] = result4(activate(sum));
}
`,conv2d_pack:`// Rearranges the weights of 3×3 convolutions for conv2d_tile8 and conv2d_tile8x4, those of many layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros, and from
// job.bias on [out4] vec4; f32 or f16.
// packed, from vec4 job.packed on: blocks of 8 results, \`job.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for
// the source's channels 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results, all nine taps.
struct Job {
  weight: i32, bias: i32, packed: i32,
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= job.count) { return; }
  let half = index & 1;
  let source = (index >> 1u) % job.source4;
  let block = (index >> 1u) / job.source4;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, job.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = job.source_first4 + source;
  let first = job.packed + block * job.block_vec4s + half;
  var tap = 0;
  loop {
    let to = first + (tap * job.source4 + source) * 8;
    if (FORWARD == 1u) {
      let at = job.weight + (tap * job.in4 + channel) * 4 * job.out4 + kept;
      packed[to] = is * vec4f(weights[at]);
      packed[to + 2] = is * vec4f(weights[at + job.out4]);
      packed[to + 4] = is * vec4f(weights[at + 2 * job.out4]);
      packed[to + 6] = is * vec4f(weights[at + 3 * job.out4]);
    } else {
      let at = job.weight + ((8 - tap) * job.in4 + job.first4 + kept) * 4 * job.out4 + channel;
      let v0 = is * vec4f(weights[at]);
      let v1 = is * vec4f(weights[at + job.out4]);
      let v2 = is * vec4f(weights[at + 2 * job.out4]);
      let v3 = is * vec4f(weights[at + 3 * job.out4]);
      packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
      packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
      packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
      packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
    }
    tap++;
    if (tap >= 9) { break; }
  }
  if (source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(weights[job.bias + kept]); }
    packed[first + 72 * job.source4] = value;
  }
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4], f32 or f16; sums are f32. Channels beyond the tensor's own are zero.
// w: f32, blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns; \`inside\` is false where there is none.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 1u) { return Place(index % tiles, index / tiles, index < tiles * params.blocks); }
  return Place(index, i32(group.z), index < tiles);
}

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  let v = vec4f(x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c]);
  return select(vec4f(), v, inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    vec4f(y[at]),
    vec4f(y[at + min(1, last) * params.out4]),
    vec4f(y[at + min(2, last) * params.out4]),
    vec4f(y[at + min(3, last) * params.out4]),
    vec4f(y[at + min(4, last) * params.out4]),
    vec4f(y[at + min(5, last) * params.out4]),
    vec4f(y[at + min(6, last) * params.out4]),
    vec4f(y[at + min(7, last) * params.out4]),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    var ky = 0;
    loop {
      let v = pixels(n, y0 + ky - 1, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
      ky++;
      if (ky >= 3) { break; }
    }
    c++;
    if (c >= params.in4) { break; }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 4·OUTPUTS4 outputs (4, 8 or 16: one, two or four vec4s; 16 are two blocks of weights): up to 128 vec4
// accumulators, no barrier, no workgroup memory. On a software adapter a load of a vec4 costs as much as twenty multiply-adds of one, from
// a storage buffer twice that: so the tile is large, every pixel and weight is loaded once for each four inputs, and the sums spill to
// the stack, which is cheap. A compiler that takes long over straight code (SwiftShader's: minutes) is better served by conv2d_tile8.

// Four rows of eight pixels, four channels.
struct Tile {
  r0: Sums,
  r1: Sums,
  r2: Sums,
  r3: Sums,
}

fn filled(value: vec4f) -> Tile { return Tile(eight(value), eight(value), eight(value), eight(value)); }

// A kernel's nine taps, row by row.
struct Kernel {
  w00: Tap,
  w01: Tap,
  w02: Tap,
  w10: Tap,
  w11: Tap,
  w12: Tap,
  w20: Tap,
  w21: Tap,
  w22: Tap,
}

// The taps from \`first\` on, \`step\` apart.
fn kernel(first: i32, step: i32) -> Kernel {
  return Kernel(
    tap(first),
    tap(first + step),
    tap(first + 2 * step),
    tap(first + 3 * step),
    tap(first + 4 * step),
    tap(first + 5 * step),
    tap(first + 6 * step),
    tap(first + 7 * step),
    tap(first + 8 * step),
  );
}

// Adds what a row of pixels gives to a row of results that meets it with the kernel's first, second or third row.
fn first_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w00, k.w01, k.w02); }
fn second_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w10, k.w11, k.w12); }
fn third_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w20, k.w21, k.w22); }

// Adds what each of the six rows of pixels that a tile meets gives to it.
fn add0(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(first_row(s.r0, v, k), s.r1, s.r2, s.r3); }
fn add1(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(second_row(s.r0, v, k), first_row(s.r1, v, k), s.r2, s.r3); }
fn add2(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(third_row(s.r0, v, k), second_row(s.r1, v, k), first_row(s.r2, v, k), s.r3);
}
fn add3(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(s.r0, third_row(s.r1, v, k), second_row(s.r2, v, k), first_row(s.r3, v, k));
}
fn add4(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, third_row(s.r2, v, k), second_row(s.r3, v, k)); }
fn add5(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, s.r2, third_row(s.r3, v, k)); }

// What y holds, to add to, from the tile's first pixel on; \`below\` rows are inside of the image. What is outside reads inside, and is not stored.
fn tile_loaded(at: i32, row: i32, below: i32, last: i32) -> Tile {
  return Tile(
    loaded(at, last),
    loaded(at + min(1, below) * row, last),
    loaded(at + min(2, below) * row, last),
    loaded(at + min(3, below) * row, last),
  );
}

fn tile_store(at: i32, row: i32, below: i32, last: i32, s: Tile) {
  store(at, last, s.r0);
  if (below >= 1) { store(at + row, last, s.r1); }
  if (below >= 2) { store(at + 2 * row, last, s.r2); }
  if (below >= 3) { store(at + 3 * row, last, s.r3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  // Of four outputs, the first half of a block; of sixteen, two blocks.
  let block = at_place.block * ((OUTPUTS4 + 1) / 2) * params.block_vec4s;
  let out = params.first_block * 2 + at_place.block * OUTPUTS4;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = filled(w[bias]);
  var s1 = filled(w[bias + 1]);
  var s2 = filled(w[bias + params.block_vec4s]);
  var s3 = filled(w[bias + params.block_vec4s + 1]);
  if (MODE == 2u) {
    let more = params.out4 - 1 - out;
    s0 = tile_loaded(at, row, below, last);
    if (OUTPUTS4 > 1) { s1 = tile_loaded(at + min(1, more), row, below, last); }
    if (OUTPUTS4 > 2) {
      s2 = tile_loaded(at + min(2, more), row, below, last);
      s3 = tile_loaded(at + min(3, more), row, below, last);
    }
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let first = block + c * 8;
    // What is not used is not loaded.
    let k0 = kernel(first, step);
    let k1 = kernel(first + 1, step);
    let k2 = kernel(first + params.block_vec4s, step);
    let k3 = kernel(first + params.block_vec4s + 1, step);
    let v0 = pixels(n, y0 - 1, x0, c);
    s0 = add0(s0, v0, k0);
    if (OUTPUTS4 > 1) { s1 = add0(s1, v0, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add0(s2, v0, k2);
      s3 = add0(s3, v0, k3);
    }
    let v1 = pixels(n, y0, x0, c);
    s0 = add1(s0, v1, k0);
    if (OUTPUTS4 > 1) { s1 = add1(s1, v1, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add1(s2, v1, k2);
      s3 = add1(s3, v1, k3);
    }
    let v2 = pixels(n, y0 + 1, x0, c);
    s0 = add2(s0, v2, k0);
    if (OUTPUTS4 > 1) { s1 = add2(s1, v2, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add2(s2, v2, k2);
      s3 = add2(s3, v2, k3);
    }
    let v3 = pixels(n, y0 + 2, x0, c);
    s0 = add3(s0, v3, k0);
    if (OUTPUTS4 > 1) { s1 = add3(s1, v3, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add3(s2, v3, k2);
      s3 = add3(s3, v3, k3);
    }
    let v4 = pixels(n, y0 + 3, x0, c);
    s0 = add4(s0, v4, k0);
    if (OUTPUTS4 > 1) { s1 = add4(s1, v4, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add4(s2, v4, k2);
      s3 = add4(s3, v4, k3);
    }
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add5(s0, v5, k0);
    if (OUTPUTS4 > 1) { s1 = add5(s1, v5, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add5(s2, v5, k2);
      s3 = add5(s3, v5, k3);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order, so the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> vec4f {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4];
  return select(vec4f(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> vec4f {
  let v = dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)];
  return select(vec4f(), v, column < params.out_width && o < params.out4);
}

// Stores four inputs of a tap by four outputs, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Four) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  partials[at] = f.v0;
  partials[at + params.out4] = f.v1;
  partials[at + 2 * params.out4] = f.v2;
  partials[at + 3 * params.out4] = f.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = vec4f();
    var b1 = vec4f();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();
  var bias0 = vec4f();
  var bias1 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  var row = slice * params.rows;
  loop {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    var column = 0;
    loop {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      bias0 += d00 + d10;
      bias1 += d01 + d11;
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
      column += 2;
      if (column >= params.width) { break; }
    }
    row++;
    if (row >= end) { break; }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
`,extremes:`// Which values of the picture x: [pixels][c4] vec4 f32 are extreme. WHOLE 0: those with x ≤ 0 or x ≥ 1, each by itself. WHOLE 1: those of holes, pixels
// whose channels are all ≤ 0 or all ≥ 1. The kernel that includes it declares x and the params c4 and channels.
override WHOLE: u32 = 0u;

fn extremes_of(index: i32) -> vec4<bool> {
  if (WHOLE == 0u) {
    let value = x[index];
    return (value <= vec4f(0.0)) | (value >= vec4f(1.0));
  }
  let first = index - index % params.c4;
  var black = true;
  var white = true;
  for (var part = 0; part < params.c4; part++) {
    let value = x[first + part];
    let empty = part * 4 + vec4i(0, 1, 2, 3) >= vec4i(params.channels);
    black = black && all(empty | (value <= vec4f(0.0)));
    white = white && all(empty | (value >= vec4f(1.0)));
  }
  return vec4<bool>(black || white);
}
`,fill_holes:`// Filling of holes, pixels whose channels are all ≤ 0 or all ≥ 1: y is the mean of the other pixels in the square of 2·RADIUS + 1 around, weighted
// by distance^-6 (inverse distance weighting, Shepard 1968), or x where there are none; y = x elsewhere. Nothing lies beyond the border.
// x, y: [images][height][width][c4] vec4 f32.
// An invocation owns one vec4 of a pixel.
struct Params { count: i32, height: i32, width: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const RADIUS = 3;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  if (!extremes_of(index).x) {
    y[index] = value;
    return;
  }
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = pixel / params.width % params.height;
  var sum = vec4f();
  var total = 0.0;
  for (var dy = max(-RADIUS, -row); dy <= min(RADIUS, params.height - 1 - row); dy++) {
    for (var dx = max(-RADIUS, -column); dx <= min(RADIUS, params.width - 1 - column); dx++) {
      let near = index + (dy * params.width + dx) * params.c4;
      if (extremes_of(near).x) { continue; }
      let squared = f32(dy * dy + dx * dx);
      let weight = 1.0 / (squared * squared * squared);
      sum += weight * x[near];
      total += weight;
    }
  }
  y[index] = select(value, sum / max(total, 1e-9), total > 0.0);
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
// Both lie there as tile4, and are multiplied and added up as product4: vec4s of f32 or of f16.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<tile4, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<tile4, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: product4,
  s1: product4,
  s2: product4,
  s3: product4,
  s4: product4,
  s5: product4,
  s6: product4,
  s7: product4,
  t0: product4,
  t1: product4,
  t2: product4,
  t3: product4,
  t4: product4,
  t5: product4,
  t6: product4,
  t7: product4,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: tile4,
  v1: tile4,
  v2: tile4,
  v3: tile4,
}

fn transposed(f: Four) -> Four {
  return Four(
    tile4(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    tile4(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    tile4(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    tile4(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = product4(tile_a[k * QUADS + m]);
    let a1 = product4(tile_a[k * QUADS + m + ACROSS_M]);
    let b0 = product4(tile_b[k * COLUMNS + n]);
    (*s).s0 = fma(product4(a0.x), b0, (*s).s0);
    (*s).s1 = fma(product4(a0.y), b0, (*s).s1);
    (*s).s2 = fma(product4(a0.z), b0, (*s).s2);
    (*s).s3 = fma(product4(a0.w), b0, (*s).s3);
    (*s).s4 = fma(product4(a1.x), b0, (*s).s4);
    (*s).s5 = fma(product4(a1.y), b0, (*s).s5);
    (*s).s6 = fma(product4(a1.z), b0, (*s).s6);
    (*s).s7 = fma(product4(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = product4(tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N]);
      (*s).t0 = fma(product4(a0.x), b1, (*s).t0);
      (*s).t1 = fma(product4(a0.y), b1, (*s).t1);
      (*s).t2 = fma(product4(a0.z), b1, (*s).t2);
      (*s).t3 = fma(product4(a0.w), b1, (*s).t3);
      (*s).t4 = fma(product4(a1.x), b1, (*s).t4);
      (*s).t5 = fma(product4(a1.y), b1, (*s).t5);
      (*s).t6 = fma(product4(a1.z), b1, (*s).t6);
      (*s).t7 = fma(product4(a1.w), b1, (*s).t7);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// KIND 3, PSNR: mean over images of k ln(1 + E / ε), dy = k / (E + ε) · (2d + 2W·m) / M, where E is the image's mean squared error, its colour term
// included, k = 1e-2 / ln 10 and ε = 1e-4. Each of an image's elements adds the same.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// COLOUR 1: adds W·m², where m is the mean of d over the pixels of that image and channel, from sums = Σ d: [images][c4] vec4. Each of an
// image's pixels adds the same m², so that the mean over all elements is the mean over images and channels; dy gets 2W·m / M.
// Σ d² comes as squares: [images][c4] vec4, read by KIND 3 alone.
// WEIGHTED 1: the terms and gradients of image n, the colour term's too, are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params {
  count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32, per_pixel: f32, colour_weight: f32
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> squares: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override COLOUR: u32 = 0u;
override WEIGHTED: u32 = 0u;

const PSNR = 3u;
const PSNR_SCALE = 0.004342944819;
const PSNR_FLOOR = 1e-4;

// Mean over an image's channels of the squared error, the colour term included.
fn image_error(image: i32) -> f32 {
  var error = vec4f();
  for (var column = image * params.c4; column < (image + 1) * params.c4; column++) {
    error += squares[column] * params.per_pixel;
    if (COLOUR == 1u) {
      let mean = sums[column] * params.per_pixel;
      error += params.colour_weight * mean * mean;
    }
  }
  return ((error.x + error.y) + (error.z + error.w)) / f32(params.channels);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u || KIND == PSNR) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (COLOUR == 1u) {
      let mean = sums[index / params.image_vec4s * params.c4 + index % params.c4] * params.per_pixel;
      value += params.colour_weight * mean * mean;
      gradient += 2.0 * params.colour_weight * mean;
    }
    let image = index / params.image_vec4s;
    if (KIND == PSNR) {
      let error = image_error(image);
      value = vec4f(PSNR_SCALE * log(1.0 + error / PSNR_FLOOR));
      gradient *= PSNR_SCALE / (error + PSNR_FLOOR);
    }
    if (WEIGHTED == 1u) {
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,loss_errors:`// Sums of the errors d = y - target, or with SQUARED 1 of d², over an image's pixels, each slice of them on its own; sum_slices adds the slices in order.
// y, target: [images][pixels][c4] vec4 f32; partials: [slices][images][c4] vec4 f32. The colour term and the PSNR of loss.wgsl take the sums.
// An invocation owns one slice of one image's pixels, in four channels.
struct Params { images: i32, pixels: i32, c4: i32, slice_pixels: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

override SQUARED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let columns = params.images * params.c4;
  if (index >= columns * params.slices) { return; }
  let slice = index / columns;
  let column = index % columns;
  let image = column / params.c4;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = first; pixel < end; pixel++) {
    let at = (image * params.pixels + pixel) * params.c4 + column % params.c4;
    let d = y[at] - goal[at];
    sum += select(d, d * d, SQUARED == 1u);
  }
  partials[index] = sum;
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4], y: [N,⌈H/2⌉,⌈W/2⌉,4·c4], both f32 or f16, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C], y: [N,f·H,f·W,C], both f32 or f16; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = value4(
    x[start],
    select(value(), x[start + min(1, left - 1)], left > 1),
    select(value(), x[start + min(2, left - 1)], left > 2),
    select(value(), x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,probe_copy:`// Probe of the adapter's memory: copy = source, both [count] vec4 f32. An invocation owns one vec4, neighbours own neighbours.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  copy[index] = source[index];
}
`,probe_fma:`// Probe of the adapter's rate of multiply-adds: sixteen chains of vec4 fma that stay in registers, \`rounds\` × 64 of them an invocation.
// a ← a·x + y converges, so nothing overflows and nothing is known before the kernel runs. sink: [count] vec4 f32, only so that the work
// has a result. An invocation owns one vec4 of it.
struct Params { count: i32 }
struct Work { rounds: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> work: Work;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let seed = f32(index % 1024) / 1024.0;
  let x = vec4f(0.5, 0.25, 0.75, 0.125) * (seed + 0.25);
  let y = vec4f(0.1, 0.2, 0.3, 0.4);
  var a0 = x; var a1 = x + 1.0; var a2 = x + 2.0; var a3 = x + 3.0;
  var a4 = x + 4.0; var a5 = x + 5.0; var a6 = x + 6.0; var a7 = x + 7.0;
  var a8 = x + 8.0; var a9 = x + 9.0; var a10 = x + 10.0; var a11 = x + 11.0;
  var a12 = x + 12.0; var a13 = x + 13.0; var a14 = x + 14.0; var a15 = x + 15.0;
  let rounds = i32(work.rounds);
  for (var i = 0; i < rounds; i++) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
  }
  sink[index] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15;
}
`,residual_grad:`// Gradients of a residual block's s = r + y, y = activate(v), of which s and r are kept, and y is not: dv = slope of y * ds takes the place of
// ds, which nobody needs any more, and dr = slope of r * ds is added to what dr holds when params.accumulate is set.
// The slope of y is read off the sign of s - r: a positive y that is too small to change r counts as one below zero.
// Elementwise over vec4 f32; an invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_y: u32, activation_r: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> s: array<vec4f>;
@group(0) @binding(2) var<storage, read> r: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ds: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = ds[index];
  let term = r[index];
  ds[index] = gradient * slope_as(s[index] - term, params.activation_y);
  var to_r = gradient * slope_as(term, params.activation_r);
  if (params.accumulate != 0) { to_r += dr[index]; }
  dr[index] = to_r;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  var index = slice * params.slice_vec4s;
  loop {
    sum = fma(g[index], g[index], sum);
    index++;
    if (index >= end) { break; }
  }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable. Several sums at
// once: a job for each. partials, from vec4 job.partials on: [slices][count] vec4 f32; total, from vec4 job.total on: [count] vec4 f32, added to
// what it holds when job.accumulate is set.
struct Job { partials: i32, total: i32, count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= job.count) { return; }
  var sum = vec4f();
  var slice = 0;
  loop {
    sum += partials[job.partials + slice * job.count + index];
    slice++;
    if (slice >= job.slices) { break; }
  }
  if (job.accumulate != 0) { sum += total[job.total + index]; }
  total[job.total + index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4], y: [N,2H,2W,4·c4], both f32 or f16. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = vec4f(x[(near_row * params.width + near_column) * params.c4 + c]);
  if (BILINEAR == 0u) {
    y[index] = value4(near);
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = vec4f(x[(near_row * params.width + far_column) * params.c4 + c]);
    let over = vec4f(x[(far_row * params.width + near_column) * params.c4 + c]);
    let across = vec4f(x[(far_row * params.width + far_column) * params.c4 + c]);
    y[index] = value4(0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across);
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4], f32 or f16: tiles first .. first + count of the image, by rows.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read_write> v: array<transformed4>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec4f(), vec4f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.x4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  var d = Six();
  d.x0 = pixel(base, column, c, inside);
  d.x1 = pixel(base, column + 1, c, inside);
  d.x2 = pixel(base, column + 2, c, inside);
  d.x3 = pixel(base, column + 3, c, inside);
  if (TILE == 4) {
    d.x4 = pixel(base, column + 4, c, inside);
    d.x5 = pixel(base, column + 5, c, inside);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = transformed4(s.x0);
  v[at + (TILE + 2 + column) * step] = transformed4(s.x1);
  v[at + (2 * (TILE + 2) + column) * step] = transformed4(s.x2);
  v[at + (3 * (TILE + 2) + column) * step] = transformed4(s.x3);
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = transformed4(s.x4);
    v[at + (5 * (TILE + 2) + column) * step] = transformed4(s.x5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  let row = tile / params.across % params.down * TILE - 1;
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * params.source4;
  let at = place * params.source4 + params.first4 + c;
  store(0, at, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, at, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, at, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, at, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, at, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, at, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
`,winograd_output:`// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at \`activated\`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4], tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4]; each f32 or f16.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<transformed4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

override FORWARD: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = vec4f(m[first + 4 * step]);
    far5 = vec4f(m[first + 5 * step]);
  }
  return gather(
    vec4f(m[first]),
    vec4f(m[first + step]),
    vec4f(m[first + 2 * step]),
    vec4f(m[first + 3 * step]),
    far4,
    far5,
  );
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    var result = activate_as(value + added, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = result4(gradient);
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = vec4f(bias[c]); }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles without workgroup memory, for adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of 16.
// An invocation owns 16 rows by 16 columns (64 vec4 accumulators): 32 loads for 256 multiply-adds of vec4s.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Sixteen rows, four channels.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
  r8: vec4f,
  r9: vec4f,
  r10: vec4f,
  r11: vec4f,
  r12: vec4f,
  r13: vec4f,
  r14: vec4f,
  r15: vec4f,
}

// Sixteen rows of v.
fn rows(at: i32) -> Rows {
  return Rows(
    v[at + 0 * params.source4],
    v[at + 1 * params.source4],
    v[at + 2 * params.source4],
    v[at + 3 * params.source4],
    v[at + 4 * params.source4],
    v[at + 5 * params.source4],
    v[at + 6 * params.source4],
    v[at + 7 * params.source4],
    v[at + 8 * params.source4],
    v[at + 9 * params.source4],
    v[at + 10 * params.source4],
    v[at + 11 * params.source4],
    v[at + 12 * params.source4],
    v[at + 13 * params.source4],
    v[at + 14 * params.source4],
    v[at + 15 * params.source4],
  );
}

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(s: Rows, x: Rows, at: i32) -> Rows {
  let i0 = u[at];
  let i1 = u[at + params.target4];
  let i2 = u[at + 2 * params.target4];
  let i3 = u[at + 3 * params.target4];
  return Rows(
    mac(s.r0, x.r0, i0, i1, i2, i3),
    mac(s.r1, x.r1, i0, i1, i2, i3),
    mac(s.r2, x.r2, i0, i1, i2, i3),
    mac(s.r3, x.r3, i0, i1, i2, i3),
    mac(s.r4, x.r4, i0, i1, i2, i3),
    mac(s.r5, x.r5, i0, i1, i2, i3),
    mac(s.r6, x.r6, i0, i1, i2, i3),
    mac(s.r7, x.r7, i0, i1, i2, i3),
    mac(s.r8, x.r8, i0, i1, i2, i3),
    mac(s.r9, x.r9, i0, i1, i2, i3),
    mac(s.r10, x.r10, i0, i1, i2, i3),
    mac(s.r11, x.r11, i0, i1, i2, i3),
    mac(s.r12, x.r12, i0, i1, i2, i3),
    mac(s.r13, x.r13, i0, i1, i2, i3),
    mac(s.r14, x.r14, i0, i1, i2, i3),
    mac(s.r15, x.r15, i0, i1, i2, i3),
  );
}

fn store(at: i32, s: Rows) {
  m[at + 0 * params.target4] = s.r0;
  m[at + 1 * params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
  m[at + 8 * params.target4] = s.r8;
  m[at + 9 * params.target4] = s.r9;
  m[at + 10 * params.target4] = s.r10;
  m[at + 11 * params.target4] = s.r11;
  m[at + 12 * params.target4] = s.r12;
  m[at + 13 * params.target4] = s.r13;
  m[at + 14 * params.target4] = s.r14;
  m[at + 15 * params.target4] = s.r15;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (params.target4 + 3) / 4;
  let down = params.rows / 16;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  // Beyond the last column the one before is computed again, and not stored.
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let row = index / across * 16;
  let part = index / (across * down);

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var c = 0;
  loop {
    let x = rows(row * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + o0);
    s1 = add(s1, x, at + o1);
    s2 = add(s2, x, at + o2);
    s3 = add(s3, x, at + o3);
    c++;
    if (c >= params.source4) { break; }
  }
  let first = row * params.target4;
  store(first + o0, s0);
  if (o1 != o0) { store(first + o1, s1); }
  if (o2 != o1) { store(first + o2, s2); }
  if (o3 != o2) { store(first + o3, s3); }
}
`,winograd_weights:`// Weights of 3×3 convolutions for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels, those of many
// layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs; u, from vec4 job.u on:
// [(TILE+2)²][4·source4][target4] vec4 over channels of the result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Job { weight: i32, u: i32, in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(job: Job, tap: i32, input: i32, output: i32) -> f32 {
  let row = ((8 - tap) * job.in4 * 4 + job.first4 * 4 + input) * job.out4;
  return f32(weights[job.weight + row + output / 4][output % 4]);
}

fn tap(job: Job, index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weights[job.weight + (index * job.in4 * 4 + source) * job.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(job, index, first, source), turned(job, index, first + 1, source),
    turned(job, index, first + 2, source), turned(job, index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = job.source4 * 4 * job.target4;
  if (index >= size) { return; }
  let result = index % job.target4;
  let source = index / job.target4;
  let left = spread(tap(job, 0, source, result), tap(job, 3, source, result), tap(job, 6, source, result));
  let middle = spread(tap(job, 1, source, result), tap(job, 4, source, result), tap(job, 7, source, result));
  let right = spread(tap(job, 2, source, result), tap(job, 5, source, result), tap(job, 8, source, result));
  let at = job.u + index;
  store(0, at, size, left.g0, middle.g0, right.g0);
  store(1, at, size, left.g1, middle.g1, right.g1);
  store(2, at, size, left.g2, middle.g2, right.g2);
  store(3, at, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, at, size, left.g4, middle.g4, right.g4);
    store(5, at, size, left.g5, middle.g5, right.g5);
  }
}
`};var Xa={read:"read-only-storage",read_write:"storage",uniform:"uniform"};function Za({jobs:t,bindings:e}){return[t?"read":"uniform",...Object.values(e)].map(r=>Xa[r])}function eo(t,e,r={}){let a=t.prelude??[];for(let l of a)if(e[l]===void 0)throw new _(`Cannot compile ${t.name}: the constant ${l} is not given`);let o=Object.keys(t.types??{}),n=l=>{let d=r[l]??"f32";return`alias ${l} = ${l.endsWith("4")?`vec4<${d}>`:d};
`},s=[o.some(l=>r[l]==="f16")?`enable f16;
`:"",...o.map(n),...a.map(l=>`const ${l} = ${e[l]};
`),...(t.includes??[]).map(l=>qe[l]),qe[t.name]].join(""),i=Object.fromEntries(Object.entries(e).filter(([l])=>!a.includes(l)));return{code:s,overrides:i}}async function fr(t,e,r,a={}){let{code:o,overrides:n}=eo(e,r,a);t.pushErrorScope("validation");let s=t.createShaderModule({label:e.name,code:o}),i=t.createBindGroupLayout({label:e.name,entries:Za(e).map((c,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:c}}))}),l=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:n}}),d=await t.popErrorScope();if(d)throw new _(`Cannot compile ${e.name} ${JSON.stringify({...r,...a})}: ${d.message}`);return{kernel:e,pipeline:l,layout:i}}var hr="shader-f16";var to=200,ro=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function ao(t){let e=/llvmpipe \(LLVM (\d+)/i.exec(t);return e?Number(e[1]):void 0}function oo(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function no(){oo();let t=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:o}=t.info,n=e||r||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:n,vendor:a,architecture:o,software:ro.test(`${n} ${a} ${o}`),llvm:ao(n),features:[...t.features].sort()}}}async function gr(t={}){let e=await no();if(!e)throw new E("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:r,summary:a}=e,o=["timestamp-query",...t.half?[hr]:[]],{limits:n}=r,s=await r.requestDevice({requiredFeatures:o.filter(i=>r.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new Ye(s,a)}var Ye=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#a=new Map;#o;#n=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#n||(this.#o??=new Y(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#o??=o instanceof GPUOutOfMemoryError?new W(`The GPU is out of memory: ${o.message}`):new _(`The GPU refused a command: ${o.message}`)})}get half(){return this.device.features.has(hr)}check(){if(this.#n)throw new _("Cannot use a Gpu that was disposed");if(this.#o)throw this.#o}async loss(){let e=Promise.withResolvers(),r=setTimeout(()=>e.resolve(void 0),to),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(r),a&&new Y(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,r,a){this.check();let o=Math.max(16,Math.ceil(r/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new W(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||a.byteLength%4!==0||r+a.byteLength>e.size)throw new _(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={},a={}){let o=`${e.name} ${JSON.stringify(Object.entries({...r,...a}).sort())}`,n=this.#a.get(o);return n||fr(this.device,e,r,a).then(s=>(this.#a.set(o,s),s))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#a.clear(),this.device.destroy()}}};function fe(t){return t instanceof Uint16Array?65535:255}function so(t){let e=Math.abs(t);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function yr(t,e){let r=t/e,a=Math.max(r,1),o=Math.ceil(4*a)+1,n=new Int32Array(e*o),s=new Float64Array(e*o);for(let i=0;i<e;i++){let l=(i+.5)*r-.5,d=Math.ceil(l-2*a),c=0;for(let u=0;u<o;u++){let p=so((d+u-l)/a);n[i*o+u]=io(d+u,t),s[i*o+u]=p,c+=p}for(let u=0;u<o;u++)s[i*o+u]/=c}return{positions:n,weights:s,count:o}}function io(t,e){let r=2*e,a=(t%r+r)%r;return a<e?a:r-1-a}function Je(t,e,r,a,o,n=3){let s=yr(e,a),i=new Float32Array(r*a*n);for(let u=0;u<r;u++){let p=u*e;for(let f=0;f<a;f++){let m=(u*a+f)*n;for(let h=0;h<n;h++){let y=0;for(let w=f*s.count,g=w+s.count;w<g;w++)y+=s.weights[w]*t[(p+s.positions[w])*n+h];i[m+h]=y}}}let l=yr(r,o),d=new Float32Array(o*a*n),c=a*n;for(let u=0;u<o;u++)for(let p=u*l.count,f=p+l.count;p<f;p++){let m=l.positions[p]*c,h=l.weights[p];for(let y=0,w=u*c;y<c;y++)d[w+y]+=h*i[m+y]}return d}function Qe(t,e,r,a,o){let n=Je(t,e,r,e*a,r*a,o),s=fe(t),i=t instanceof Uint16Array?new Uint16Array(n.length):new Uint8Array(n.length);for(let l=0;l<n.length;l++)i[l]=Math.round(Math.min(Math.max(n[l],0),s));return i}var lo=[256,40962],co=[257,40963],uo=34665,po=4;function vr(t,e,r){let a=t.slice();if(a.length<14)return a;let o=new DataView(a.buffer,a.byteOffset,a.length),n=o.getUint16(0)===18761,s=l=>{if(l<8||l+2>a.length)return;let d=l+2+12*o.getUint16(l,n);if(!(d>a.length))for(let c=l+2;c<d;c+=12){let u=o.getUint16(c,n),p=lo.includes(u)?e:co.includes(u)?r:void 0;p!==void 0?(o.setUint16(c+2,po,n),o.setUint32(c+4,1,n),o.setUint32(c+8,p,n)):u===uo&&l===i&&s(o.getUint32(c+8,n))}},i=o.getUint32(4,n);return s(i),a}function wr(t,e,r){let a=new TextDecoder("utf-8",{ignoreBOM:!0}).decode(t),n=[["tiff:ImageWidth|exif:PixelXDimension",e],["tiff:ImageLength|exif:PixelYDimension",r]].reduce((s,[i,l])=>s.replace(new RegExp(`((?:${i})\\s*=\\s*)(["'])\\s*\\d+\\s*\\2`,"g"),`$1$2${l}$2`).replace(new RegExp(`(<(?:${i})>)\\s*\\d+\\s*(</)`,"g"),`$1${l}$2`),a);return n===a?t:new TextEncoder().encode(n)}var Xe=3;function Pe(t,e,r,a,o,{x0:n,x1:s,y0:i,y1:l}){let[d,c]=[n,i].map(g=>Math.max(Math.floor(g/a)-Xe,0)),u=Math.min(Math.ceil(s/a)+Xe,e),p=Math.min(Math.ceil(l/a)+Xe,r),[f,m]=[u-d,p-c],h=new Float32Array(m*f*o);for(let g=0;g<m;g++){let b=o*((c+g)*e+d);h.set(t.subarray(b,b+o*f),o*g*f)}let y=a===1?h:Je(h,f,m,f*a,m*a,o),w=new Float32Array((l-i)*(s-n)*o);for(let g=i;g<l;g++){let b=o*((g-c*a)*f*a+n-d*a);w.set(y.subarray(b,b+o*(s-n)),o*(g-i)*(s-n))}return w}function Ze(t,e,r){let[a,o]=[t.width*e,t.height*e];return{...t,width:a,height:o,rgb:r,...t.alpha&&{alpha:Qe(t.alpha,t.width,t.height,e,1)},...t.exif&&{exif:vr(t.exif,a,o)},...t.xmp&&{xmp:wr(t.xmp,a,o)}}}function br(t,e){return Ze(t,e,Qe(t.rgb,t.width,t.height,e,3))}function mo(t,e,r,a){let o=new Float32Array(t.length);return _r(e,r,a,(n,s)=>{for(let i=0;i<3;i++)o[s+i]=t[n+i]}),o}async function xr(t,e,r,a){let{scale:o}=t.topology,n=new Float32Array(e.length*o**2);for(let s=0;s<8;s++){let[i,l]=s<4?[r,a]:[a,r],d=await t.run(mo(e,r,a,s),i,l);_r(r*o,a*o,s,(c,u)=>{for(let p=0;p<3;p++)n[c+p]+=d[u+p]/8})}return n}function _r(t,e,r,a){for(let o=0;o<t;o++){let n=r&2?t-1-o:o;for(let s=0;s<e;s++){let i=r&1?e-1-s:s;a(3*(o*e+s),3*(r&4?i*t+n:n*e+i))}}}var Ue=class{#e;#r;#t;#a=0;#o=0;constructor(e,r){this.#e=e,this.#r=r;let a=3*r.width*Math.min(r.tileHeight,r.height);this.#t=e instanceof Uint16Array?new Uint16Array(a):new Uint8Array(a)}rowsOf(e){let{width:r,height:a,tileHeight:o}=this.#r,n=Math.max(e.y,0),s=Math.min(e.y+o,a);if(n!==this.#a||s!==this.#o){let i=3*r,l=Math.max(this.#o-n,0);l>0&&this.#t.copyWithin(0,(n-this.#a)*i,(this.#o-this.#a)*i),this.#t.set(this.#e.subarray((n+l)*i,s*i),l*i),this.#a=n,this.#o=s}return{rgb:this.#t,firstRow:n}}};function kr({rgb:t,firstRow:e},r,a){let{width:o,height:n,tileWidth:s,tileHeight:i}=r,l=fe(t),d=Int32Array.from({length:s},(u,p)=>3*$e(a.x+p,o)),c=new Float32Array(i*s*3);for(let u=0,p=0;u<i;u++){let f=3*o*($e(a.y+u,n)-e);for(let m=0;m<s;m++){let h=f+d[m];c[p++]=t[h]/l,c[p++]=t[h+1]/l,c[p++]=t[h+2]/l}}return c}function Tr(t,e,r,a,o,n){let{rgb:s,grey:i,width:l}=e,{strength:d,scale:c,enlarged:u}=n,p=c===1?e.alpha:void 0,f=fe(r),m=d===1&&!i&&!p,[h,y,w,g]=[o.keep.x0,o.keep.x1,o.keep.y0,o.keep.y1].map(x=>x*c),[b,v]=[o.x*c,o.y*c],k=(x,T)=>c===1?s[T]:u?H(u[x]/f)*f:0;for(let x=w;x<g;x++){let T=3*((x-v)*a.tileWidth*c+h-b),S=3*(x*l*c+h),A=3*(x-w)*(y-h);for(let G=h;G<y;G++,T+=3,S+=3,A+=3){let I=t[T],M=t[T+1],N=t[T+2];if(!Number.isFinite(I+M+N))throw new RangeError(`the network's output at column ${G}, row ${x} is not a finite number`);if(m)r[S]=H(I)*f+.5,r[S+1]=H(M)*f+.5,r[S+2]=H(N)*f+.5;else if(p&&p[S/3]===0)for(let L=0;L<3;L++)r[S+L]=s[S+L];else if(i){let L=Ee(k(A,S),(H(I)+H(M)+H(N))/3,f,d);for(let X=0;X<3;X++)r[S+X]=L}else r[S]=Ee(k(A,S),H(I),f,d),r[S+1]=Ee(k(A+1,S+1),H(M),f,d),r[S+2]=Ee(k(A+2,S+2),H(N),f,d)}}}function H(t){return t<0?0:t>1?1:t}function Ee(t,e,r,a){return Math.round(t+a*(e*r-t))}var fo=16;function Ar(t,e,r,a=512,o=fo){let n=me(r),s=se(He(r),n),i=Sr(t,n,s,a,se(o,n)),l=Sr(e,n,s,a,se(o,n)),d=l.windows.flatMap(c=>i.windows.map(u=>({x:u.start,y:c.start,keep:{x0:u.from,x1:u.to,y0:c.from,y1:c.to}})));return{width:t,height:e,tileWidth:i.extent,tileHeight:l.extent,tiles:d}}function Rr(t){let e=me(t);return 2*se(He(t),e)+e}function Sr(t,e,r,a,o){let n=se(t+2*o,e),s=Math.max(Math.floor(a/e)*e,2*r+e);if(n<=s)return{extent:n,windows:[{start:-o,from:0,to:t}]};let i=Math.ceil((n-2*r)/(s-2*r)),l=se((n-2*r)/i,e),d=l+2*r,c=[];for(let u=0,p=0;p<n;u+=l){let f=Math.min(u,n-d),m=f+d>=n?n:f+d-r,[h,y]=[Math.max(p-o,0),Math.min(m-o,t)];h<y&&c.push({start:f-o,from:h,to:y}),p=m}return{extent:d,windows:c}}function se(t,e){return Math.ceil(t/e)*e}function Or(t,e,r,a){if(!e.includes(0)||e.every(i=>i===0))return t;let o=t.slice(),n=new Uint16Array(r*a);for(let i=0;i<e.length;i++)e[i]===0&&(n[i]=65535);let s=(i,l,d)=>{if(n[l]===65535)return;let c=Math.min(n[l]+d,65534);c>=n[i]||(n[i]=c,o[3*i]=o[3*l],o[3*i+1]=o[3*l+1],o[3*i+2]=o[3*l+2])};for(let i of[1,-1]){let[l,d]=i===1?[0,0]:[a-1,r-1];for(let c=l;c>=0&&c<a;c+=i){let u=c-i>=0&&c-i<a;for(let p=d;p>=0&&p<r;p+=i){let f=c*r+p;if(n[f]===0)continue;let m=p-i>=0&&p-i<r,h=p+i>=0&&p+i<r,y=f-i*r;m&&s(f,f-i,3),u&&(s(f,y,3),m&&s(f,y-i,4),h&&s(f,y+i,4))}}}return o}async function Ur(t,e,r={}){let a="run"in e?[e]:e,o=t;for(let[n,s]of a.entries())o=await ho(o,s,{...r,onTile:n===a.length-1?r.onTile:void 0,onProgress:(i,l)=>r.onProgress?.(n*l+i,a.length*l)});return o}async function ho(t,e,r){let{strength:a=1,tile:o=e.preferredTile,inPlace:n=!1,signal:s}=r;if(!(a>=0&&a<=1))throw new E(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(o>=1))throw new E(`Cannot enhance: tile must be at least 1 pixel, got ${o}`,{exitCode:2});if(e.topology.channels!==3)throw new E(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);s?.throwIfAborted();let{scale:i}=e.topology;if(a===0)return i===1?t:br(t,i);let l=t.alpha?Or(t.rgb,t.alpha,t.width,t.height):t.rgb,d=t.grey||!go(l)?t:{...t,grey:!0},c=t.rgb.length*i**2,u=n&&i===1?t.rgb:t.rgb instanceof Uint16Array?new Uint16Array(c):new Uint8Array(c),p=!1;for(let f=o;;f/=2){let m=Ar(t.width,t.height,e.topology,f);try{let h=l===u?new Ue(l,m):void 0;return await yo(d,w=>h?h.rowsOf(w):{rgb:l,firstRow:0},u,m,e,{...r,onTile:(w,g)=>{p=!0,r.onTile?.(w,g)}}),i===1?{...t,rgb:u}:Ze(t,i,u)}catch(h){if(!(h instanceof ne)||p&&u===t.rgb)throw h;if(f<=Rr(e.topology))throw new E(`Cannot enhance: not enough memory on ${e.device} for a tile of ${m.tileWidth}×${m.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:h})}}}function go(t){for(let e=0;e<t.length;e+=3)if(t[e]!==t[e+1]||t[e]!==t[e+2])return!1;return!0}function Pr({x0:t,x1:e,y0:r,y1:a},o){return{x0:t*o,x1:e*o,y0:r*o,y1:a*o}}async function yo(t,e,r,a,o,n){let{strength:s=1,selfEnsemble:i=!1,onProgress:l,onTile:d,signal:c}=n,{tiles:u,tileHeight:p,tileWidth:f}=a,{scale:m}=o.topology,h=x=>{let T=e(u[x]),S=kr(T,a,u[x]),A=m===1||s===1?void 0:Pe(T.rgb,t.width,t.height,m,3,Pr(u[x].keep,m));return{pixels:S,blend:{strength:s,scale:m,enlarged:A}}},y=(x,T,S)=>{try{Tr(T,t,r,a,u[x],S)}catch(A){throw new E(`Cannot enhance on ${o.device}: ${A.message}; try --device cpu or another model`,{cause:A})}d?.(Pr(u[x].keep,m),r),l?.(x+1,u.length)},w=h(0),g=[],b,v=async()=>{let{index:x,running:T,blend:S}=g[0];b={index:x,restored:await T,blend:S},g.shift()},k=()=>{b&&y(b.index,b.restored,b.blend),b=void 0};try{for(let x=0;x<u.length;x++){c?.throwIfAborted();let{pixels:T,blend:S}=w,A=i?xr(o,T,p,f):o.run(T,p,f);A.catch(()=>{}),g.push({index:x,running:A,blend:S}),k(),x+1<u.length&&(w=h(x+1)),g.length>=(o.concurrency??1)&&await v()}for(;g.length>0;)k(),await v();k()}catch(x){throw await Promise.allSettled(g.map(({running:T})=>T)),x}}var vo=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function Ce(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=vo[(r^t[a])&255]^r>>>8;return~r>>>0}var Er={F32:4,F16:2};var wo=1e8,Ne="crc32",Nr="00000000";function Mr(t,e){let r=h=>{throw new E(`Cannot read ${he(e)} as safetensors: ${h}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>wo&&r(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>t.length-8&&r(`its header claims ${o} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let n=bo(t.subarray(8,8+o),r),{__metadata__:s={},...i}=n;(!et(s)||Object.values(s).some(h=>typeof h!="string"))&&r("its metadata is not a list of strings; the file is damaged");let l=t.subarray(8+o),d=[],c=new Map,u=Object.entries(i).map(([h,y])=>{let w=xo(h,y,l.length,r);return d.push(w),{tensor:h,...w}});d.sort((h,y)=>h.begin-y.begin||h.end-y.end);let p=0;for(let{begin:h,end:y}of d)h!==p&&r(`its tensors overlap or leave a gap at byte ${Math.min(h,p)}; the file is damaged`),p=y;p!==l.length&&r(`its tensors fill ${p} bytes, but ${l.length} follow the header; the file is damaged`),_o(t,o,s,r);for(let{tensor:h,dtype:y,shape:w,begin:g,end:b}of u){let v=l.slice(g,b).buffer,k=y==="F32"?new Float32Array(v):Z(new Uint16Array(v));c.set(h,{dtype:y,shape:w,data:k})}let{[Ne]:f,...m}=s;return{tensors:c,metadata:m}}function bo(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return et(r)?r:e("its header is no JSON object; the file is damaged")}function xo(t,e,r,a){let o=c=>a(`tensor ${he(t)} has ${c}; the file is damaged`);if(!et(e))return o("no description");let{dtype:n,shape:s,data_offsets:i}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${he(t)} is of type ${he(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(Cr))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(Cr))return o("no valid offsets");let[l,d]=i;return d<l?o(`offsets ${l} to ${d}`):d>r?a(`tensor ${he(t)} ends at byte ${d} of the data, but the file holds ${r}; it is truncated or damaged`):d-l!==z(s)*Er[n]?o(`${d-l} bytes, but shape ${R(s)} of ${n} takes ${z(s)*Er[n]}`):{dtype:n,shape:s,begin:l,end:d}}function _o(t,e,r,a){if(!Object.hasOwn(r,Ne))return;let o=ko(t,e);if(o!==void 0){let n=new TextEncoder().encode(Nr),s=t.subarray(o+n.length),i=Ce(s,Ce(n,Ce(t.subarray(0,o))));if(To(i)===r[Ne])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function ko(t,e){let r=new TextEncoder().encode(`"${Ne}":"`),a=8+e-r.length-Nr.length;for(let o=8;o<=a;o++)if(r.every((n,s)=>t[o+s]===n))return o+r.length}function he(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var To=t=>t.toString(16).padStart(8,"0"),Cr=t=>Number.isSafeInteger(t)&&t>=0,et=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var Gr="clairnet-1",So=["name","recipe","loss","data","created","version","license","note"],Ao=["seed","steps"];function tt(t,e){return Ro(Mr(t,e),e)}function Ro(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=t;if(a.format!==Gr||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new E(`${r}: its metadata has ${i}, where Clairnet's models have "${Gr}"`)}let n=Po(a.topology,r),s=new Map;for(let{name:i,shape:l}of Q(n).parameters){let d=o.get(i);if(!d)throw new E(`${r}: tensor "${i}" (${R(l)}) is missing`);if(R(d.shape)!==R(l))throw new E(`${r}: tensor "${i}" has shape ${R(d.shape)}, but its topology wants ${R(l)}`);Oo(d.data,`${r}: tensor "${i}"`),s.set(i,d.data)}for(let i of o.keys())if(!s.has(i)&&!i.includes("/"))throw new E(`${r}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:n,parameters:s,info:Uo(a,r)}}function Oo(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new E(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function Po(t,e){try{let{channels:r,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:l,residual:d,corrects:c="all",filled:u=!1,residualBlocks:p,scale:f}=JSON.parse(t);for(let[m,h]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(h))throw new RangeError(`${m} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[m,h]of Object.entries({residual:d,filled:u,residualBlocks:p}))if(typeof h!="boolean")throw new RangeError(`${m} is neither true nor false`);for(let[m,h]of Object.entries({activation:s,down:i,up:l,corrects:c}))if(typeof h!="string")throw new RangeError(`${m} is no word`);return ur({channels:r,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:l,residual:d,corrects:c,filled:u,residualBlocks:p,scale:f??1})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new E(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function Uo(t,e){let r={};for(let a of So)r[a]=t[a]??"";for(let a of Ao){let o=Number(t[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new E(`${e}: ${a} in its metadata is no whole number`);r[a]=o}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([o,n])=>[o,Number(n)]);r.metrics=Object.fromEntries(a)}catch(a){throw new E(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function $r({name:t,url:e,bytes:r}){if(r)return tt(r,t);let a=await fetch(e).catch(o=>{throw new E(`Cannot fetch the model ${t}: ${o.message}`,{cause:o})});if(!a.ok)throw new E(`Cannot fetch the model ${t}: the server answered ${a.status}`);return tt(new Uint8Array(await a.arrayBuffer()),t)}function Ir(t,e,r){let a=new Uint8Array(e*r*3),o=new Uint8Array(e*r),n=!0,s=!0;for(let i=0,l=0,d=0;i<o.length;i++,l+=4,d+=3){let[c,u,p,f]=[t[l],t[l+1],t[l+2],t[l+3]];a[d]=c,a[d+1]=u,a[d+2]=p,o[i]=f,n&&=f===255,s&&=c===u&&u===p}return{width:e,height:r,rgb:a,grey:s,format:"canvas",...n?{}:{alpha:o}}}function Kr(t,e,{x0:r,x1:a,y0:o,y1:n},s){let i=new Uint8ClampedArray(s.length);for(let l=o,d=0;l<n;l++)for(let c=r;c<a;c++,d+=4){let u=3*(l*e+c);i[d]=t[u],i[d+1]=t[u+1],i[d+2]=t[u+2],i[d+3]=s[d+3]}return i}function Lr(){return self}function Fr(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var Me=class extends Error{};function Dr(t){let e=Lr(),r=new Map,a=new Map,o=Promise.resolve(),n=l=>{for(let[d,c]of a)l.some(u=>u.key===d)||(a.delete(d),c[Symbol.dispose]())},s=async l=>{n(l);for(let d of l)a.has(d.key)||a.set(d.key,await t(await $r(d)));return l.map(({key:d})=>a.get(d))},i=async(l,d)=>{let{id:c,width:u,height:p,rgba:f}=l;try{d.throwIfAborted();let m=await s(l.models),h=m.reduce((g,{topology:b})=>g*b.scale,1);e.postMessage({kind:"started",id:c,device:m[0].device,scale:h});let y=performance.now(),w;await Ur(Ir(f,u,p),m,{signal:d,onTile:(g,b)=>{let v=new Uint8ClampedArray(Pe(f,u,p,h,4,g));w={area:g,rgba:Kr(b,u*h,g,v)},h!==1&&(w={...w,plain:v})},onProgress:(g,b)=>{let v=[w?.rgba.buffer,w?.plain?.buffer].filter(k=>k!==void 0);e.postMessage({kind:"tile",id:c,part:w,done:g,total:b},v)}}),e.postMessage({kind:"done",id:c,seconds:(performance.now()-y)/1e3})}catch(m){m instanceof Me?e.postMessage({kind:"cancelled",id:c}):(n([]),e.postMessage({kind:"failed",id:c,message:Fr(m)}))}finally{r.delete(c)}};e.onmessage=({data:l})=>{if(l.kind==="cancel")r.get(l.id)?.abort(new Me);else{let d=new AbortController;r.set(l.id,d),o=o.then(()=>i(l,d.signal))}}}Dr(async({topology:t,parameters:e})=>{let r=await gr();return Eo(r,new Oe(r,t,e))});function Eo(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,concurrency:e.concurrency,run:(r,a,o)=>e.run(r,a,o),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
