var _=class extends Error{name="GpuError"},R=class extends _{name="GpuOutOfMemoryError"},I=class extends _{name="GpuLostError"};function O(t){return t.reduce((e,r)=>e*r,1)}function P(t){return Math.ceil(t/4)*4}function A(t){return t.join("×")}function K(t,e){return Math.ceil(t/e)}function Ae(t){let e=[],r=[],a=new Array(t.length).fill(-1),n=t.map((o,i)=>i).sort((o,i)=>t[o].first-t[i].first||t[i].bytes-t[o].bytes);for(let o of n){let{bytes:i,first:s,last:l}=t[o],d=-1;for(let c=0;c<e.length;c++){if(r[c]>=s)continue;if(d<0){d=c;continue}let u=e[c]>=i,m=e[d]>=i;(u?!m||e[c]<e[d]:!m&&e[c]>e[d])&&(d=c)}d<0&&(d=e.length,e.push(0),r.push(-1)),e[d]=Math.max(e[d],i),r[d]=l,a[o]=d}return{assignment:a,sizes:e}}function Se(t,e){return e==="flat"?O(t)*4:O(t.slice(0,-1))*P(t[t.length-1])*4}function X(t,e,r){let a=P(e);if(a===e)return r?.set(t),r??t;let n=t.length/e,o=r??new Float32Array(n*a);for(let i=0,s=0,l=0;i<n;i++,l+=a-e)for(let d=0;d<e;d++)o[l++]=t[s++];return o}function H(t,e){let r=P(e);if(r===e)return t;let a=t.length/r,n=new Float32Array(a*e);for(let o=0,i=0,s=0;o<a;o++,i+=r-e)for(let l=0;l<e;l++)n[s++]=t[i++];return n}var $t=64,Ot=65535,Q=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,r,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new _(`Cannot record the tensor ${r}: its shape ${A(e)} must have positive extents`);let n=a.layout??"image",o={id:this.tensors.length,name:r,shape:e,layout:n,lifetime:a.lifetime??"planned",bytes:Se(e,n),...a.external?{external:a.external}:{}};return this.tensors.push(o),o}input(e,r){let a=this.tensor(r,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return r()}finally{this.#t=a}}dispatch(e,r,a){let n=Object.keys(e.bindings);if(n.join()!==Object.keys(r).join())throw new _(`Cannot record ${e.name}: it binds ${n.join()}, got ${Object.keys(r).join()}`);let i=e.params.map(c=>c.split(":")[0]).find(c=>a.params[c]===void 0);if(i)throw new _(`Cannot record ${e.name}: the parameter ${i} is not given`);let s=n.filter(c=>e.bindings[c]==="read_write").map(c=>C(r[c]).tensor);for(let c of n){let{tensor:u}=C(r[c]);if(e.bindings[c]!=="read_write"?s.includes(u):s.filter(m=>m===u).length>1)throw new _(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let[l,d]=Et(Math.ceil(a.invocations/$t));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:r,workgroups:[l,d,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,r){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let n=this.#r.get(e);n?.written&&this.within(a?`${a}.grad`:"grad",()=>r(n.gradient))})}gradientOf(e){let r=this.#r.get(e);r||this.#r.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function Et(t){let e=Math.max(1,Math.ceil(t/Ot));return[Math.max(1,Math.ceil(t/e)),e]}function C(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function $(t){return t.bytes/16}var de=256;async function Pe(t,e){let r=performance.now();try{return await Rt(t,e)}finally{t.times.prepare+=(performance.now()-r)/1e3}}async function Rt(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:u,constants:m}of e.dispatches)a.push(await t.kernel(u,m));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let n=[],o=(u,m,p)=>{let h=t.buffer(u,m,p);return n.push(h),h},i=()=>n.forEach(u=>t.release(u)),s,l;try{let u=Nt(e,o),m=new DataView(new ArrayBuffer(e.dispatches.length*de));e.dispatches.forEach(({kernel:y,params:w},g)=>{y.params.forEach((b,f)=>{let[v,x]=b.split(":"),k=g*de+f*4;x==="f32"?m.setFloat32(k,w[v],!0):m.setInt32(k,w[v],!0)})});let p=o("uniforms",Math.max(m.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);t.write(p,0,new Uint32Array(m.buffer));let h=e.dispatches.map((y,w)=>({dispatch:y,compiled:a[w],group:r.createBindGroup({label:y.label,layout:a[w].layout,entries:[{binding:0,resource:{buffer:p,offset:w*de,size:y.kernel.params.length*4}},...Object.values(y.bindings).map((g,b)=>{let{tensor:f,offset:v,size:x}=C(g);return{binding:b+1,resource:{buffer:u.get(f),offset:v,size:x}}})]})}));s=new ue(t,e,h,u,n)}catch(u){l=u}let d=await r.popErrorScope(),c=await r.popErrorScope();if(d?l=new R(`The GPU is out of memory for a plan: ${d.message}`):c&&(l??=new _(`Cannot build a plan: ${c.message}`)),l)throw i(),l;return s}function Nt(t,e){let r=new Map,a=new Map;t.dispatches.forEach((c,u)=>{for(let m of Object.values(c.bindings)){let{tensor:p}=C(m);r.has(p)||r.set(p,u),a.set(p,u)}});for(let c of t.outputs.values())a.set(c,t.dispatches.length);let n=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,o=new Map,i=t.tensors.filter(c=>{if(c.external)o.set(c,c.external);else if(c.lifetime==="persistent")o.set(c,e(c.name,c.bytes,n));else return r.has(c);return!1}),{assignment:s,sizes:l}=Ae(i.map(c=>({bytes:c.bytes,first:r.get(c),last:a.get(c)}))),d=l.map((c,u)=>e(`shared ${u}`,c,n));return i.forEach((c,u)=>o.set(c,d[s[u]])),o}var ue=class{#e;#r;#t;#n;#a;#o=new Map;#i=new Map;#s=!0;constructor(e,r,a,n,o){this.#e=e,this.#r=r,this.#t=a,this.#n=n,this.#a=o}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new _(`Cannot write ${e}: the plan has no such input`);let n=performance.now(),o=r;if(a.layout==="image"){let i=a.shape[a.shape.length-1],s=this.#i.get(e);if(s||this.#i.set(e,s=new Float32Array(a.bytes/4)),r.length!==a.shape.reduce((l,d)=>l*d,1))throw new _(`Cannot write ${e}: it is ${A(a.shape)}, got ${r.length} values`);o=X(r,i,s)}this.#e.write(this.#n.get(a),0,o),this.#e.times.upload+=(performance.now()-n)/1e3}run(){this.#e.check();let e=performance.now(),r=this.#e.device.createCommandEncoder(),a=r.beginComputePass();for(let n of this.#t)n.dispatch.once&&!this.#s||(a.setPipeline(n.compiled.pipeline),a.setBindGroup(0,n.group),a.dispatchWorkgroups(...n.dispatch.workgroups));a.end(),this.#e.device.queue.submit([r.finish()]),this.#s=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#s=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new _(`Cannot read ${e}: the plan has no such output`);let{device:a,times:n}=this.#e,o=await this.#l(e,r),i=performance.now(),s=a.createCommandEncoder();s.copyBufferToBuffer(this.#n.get(r),0,o,0,r.bytes),a.queue.submit([s.finish()]);try{await o.mapAsync(GPUMapMode.READ)}catch(u){throw this.#e.check(),u}let l=performance.now();n.compute+=(l-i)/1e3;let d=new Float32Array(o.getMappedRange(0,r.bytes).slice(0));o.unmap(),this.#e.check();let c=r.layout==="image"?H(d,r.shape[r.shape.length-1]):d;return n.download+=(performance.now()-l)/1e3,c}async#l(e,r){let a=this.#o.get(e);if(a)return a;let{device:n}=this.#e;n.pushErrorScope("out-of-memory");let o=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(o);let i=await n.popErrorScope();if(i)throw new R(`The GPU is out of memory to read ${e}: ${i.message}`);return this.#o.set(e,o),o}describe(){let e=this.#a.reduce((a,n)=>a+n.size,0);return[...this.#t.map(({dispatch:a})=>{let n=Object.entries(a.bindings).map(([o,i])=>`${o} ${C(i).tensor.name} ${A(C(i).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${n.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,r)=>e+r.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new _("Cannot profile: the adapter has no timestamp queries");let r=this.#t.filter(({dispatch:d})=>!d.once||this.#s),a=e.createQuerySet({type:"timestamp",count:r.length*2}),n=r.length*16,o=this.#e.buffer("timestamps",n,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),i=this.#e.buffer("read timestamps",n,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),s=e.createCommandEncoder();r.forEach(({dispatch:d,compiled:c,group:u},m)=>{let p=s.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:m*2,endOfPassWriteIndex:m*2+1}});p.setPipeline(c.pipeline),p.setBindGroup(0,u),p.dispatchWorkgroups(...d.workgroups),p.end()}),s.resolveQuerySet(a,0,r.length*2,o,0),s.copyBufferToBuffer(o,0,i,0,n),e.queue.submit([s.finish()]),await i.mapAsync(GPUMapMode.READ);let l=new BigUint64Array(i.getMappedRange().slice(0));i.unmap();for(let d of[o,i])this.#e.release(d);return a.destroy(),this.#s=!1,r.map(({dispatch:d},c)=>{let u=Number(l[c*2+1]-l[c*2]);return{label:d.label,kernel:d.kernel.name,milliseconds:u/1e6,gflops:u>0?d.flops/u:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var Ue={none:0,relu:1,"leaky-relu":2};function pe(t){return Ue[t]}var $e=new WeakMap;function Oe(t,e){$e.set(t,e)}function Mt(t){return $e.get(t)??"none"}function N(t,e){let r=Mt(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:Ue[r]}}}var Ct={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},Gt={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ee(t,e,r,a="add",n=new Set){if(e.shape.join()!==r.shape.join())throw new _(`Cannot record add "${a}": its terms are ${A(e.shape)} and ${A(r.shape)}`);let o=t.tensor(e.shape,a),i=$(o);return t.within(a,()=>{t.dispatch(Ct,{a:e,b:r,y:o},{params:{count:i},invocations:i}),t.gradient(o,s=>{for(let l of[e,r]){if(n.has(l))continue;let{gradient:d,accumulate:c}=t.gradientOf(l),{activated:u,constants:m}=N(l,s);t.dispatch(Gt,{dy:s,activated:u,dx:d},{params:{count:i,accumulate:Number(c)},constants:m,invocations:i})}})}),o}function Re(t){return{name:t,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var Ne=Re("conv2d_tile8"),Me=Re("conv2d_tile8x4"),Ce={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Ge={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Be={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Fe={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ie={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},De={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var Bt={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function me(t,e,r,a,n=!1){let o=C(r).size/16;t.dispatch(Bt,{partials:e,total:r},{params:{count:o,slices:a,accumulate:Number(n)},invocations:o})}function fe(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var Ft={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},It={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},ze=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:P(a)/4});function Ke(t,e,r,a="up",n=new Set){let[o,i,s,l]=e.shape,d=t.tensor([o,i*2,s*2,l],a);return t.within(a,()=>{t.dispatch(Ft,{x:e,y:d},{params:ze(e),constants:{BILINEAR:+(r==="bilinear")},invocations:$(d)}),n.has(e)?n.add(d):t.gradient(d,c=>he(t,c,e,r))}),d}function he(t,e,r,a){let{gradient:n,accumulate:o}=t.gradientOf(r),{activated:i,constants:s}=N(r,e);t.dispatch(It,{dy:e,activated:i,dx:n},{params:{...ze(r),accumulate:Number(o)},constants:{...s,BILINEAR:+(a==="bilinear")},invocations:$(r)})}var Dt=19,Z=65536,zt=2048,U=t=>"upsampled"in t?t.upsampled:t,q=t=>"upsampled"in t?1:0,E=t=>P(t.shape[3])/4;function ge(t){let{shape:e}=U(t),r=1<<q(t);return[e[1]*r,e[2]*r]}function Kt(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new _(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[n,o]=ge(t[0]),i=U(t[0]).shape[0];for(let s of t){let[l,d]=ge(s),{shape:c}=U(s);if(c.length!==4||l!==n||d!==o||c[0]!==i)throw new _(`Cannot record conv2d "${e}": its inputs are ${A(U(t[0]).shape)} and ${A(c)}`)}if(t.length===2&&q(t[1]))throw new _(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[i,K(n,r),K(o,r),a]}function Le(t,e,r,a,{variant:n="auto",withoutGradient:o=new Set}={}){let{name:i,kernel:s,stride:l,activation:d}=a,c=Kt(e,a);Lt(e,r,a);let u=t.tensor(c,i);Oe(u,d);let m=r.range(t,`${i}.weight`),p=r.range(t,`${i}.bias`),{llvm:h=1/0}=r.adapter,y=n==="auto"?h<Dt?"tile8x4":"tile8":n,w={rec:t,sources:e,options:a,y:u,weight:m,bias:p,tall:y==="tile8x4",...Wt(e,u)},g=n!=="naive"&&s===3&&l===1,b=f=>g&&je(f)*16<=Z;return t.within(i,()=>{if(b(w.in4)){let f=e.length-1;qe(w,{sources:e,target:u,activated:U(e[0]),first4:0,accumulate:!1,modes:e.map((v,x)=>x===0?Ht:qt),activations:e.map((v,x)=>x===f?pe(d):0)})}else jt(w);t.gradient(u,f=>{Jt(w,f,r,g);let v=0;for(let x of e){let k=U(x);o.has(k)||Vt(w,f,x,v,b(w.out4)),v+=E(k)}})}),u}function Wt(t,e){let[r,a]=ge(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((n,o)=>n+E(U(o)),0),out4:E(e)}}function Lt(t,e,{name:r,kernel:a,outChannels:n}){let o=t.map(l=>U(l).shape[3]),i=e.specs.find(l=>l.name===`${r}.weight`),s=[a,a,o.reduce((l,d)=>l+d,0),n];if(!i||i.shape.join()!==s.join()||(i.sources??[s[2]]).join()!==o.join())throw new _(`Cannot record conv2d "${r}": input has ${o.join(" + ")} channels, so the weight is ${A(s)}; got ${i?A(i.shape):"none"}`)}function ye({batch:t,out_height:e,out_width:r,options:a,sources:n},o){let i=o??n.reduce((s,l)=>s+U(l).shape[3],0);return 2*t*e*r*a.kernel**2*i*a.outChannels}function jt(t){let{rec:e,sources:r,options:a,y:n,weight:o,bias:i}=t,[s,l=s]=r.map(U);e.dispatch(Ge,{a:s,b:l,w:o,bias:i,y:n},{params:{...ee(t,["batch","height","width","out_height","out_width","out4"]),a4:E(s),b4:r[1]?E(l):0,a_shift:q(r[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:pe(a.activation)},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:ye(t)})}function ee(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}function je(t){return Math.ceil((72*t+2)/16)*16}var He=0,Ht=1,qt=2;function qe(t,e){let{rec:r,batch:a,height:n,width:o,in4:i,out4:s}=t,l=E(e.target),d=e.sources.reduce((g,b)=>g+E(U(b)),0),c=je(d),u=Math.ceil(l/2),m=!r.training,p=Math.floor(Z/(c*16)),h=Math.floor((u-1)/p)*p*c*16,y=r.tensor([(h+Z)/4],`${t.options.name}.packed`,{layout:"flat",lifetime:m?"persistent":"planned"});r.dispatch(Ce,{weight:t.weight,bias:t.bias,packed:y},{params:{in4:i,out4:s,source4:d,target4:l,first4:e.first4,block_vec4s:c,count:u*c},constants:{FORWARD:+(e.modes[0]!==He)},invocations:u*c,once:m});let w=0;e.sources.forEach((g,b)=>{let f=U(g),v=E(f);for(let x=0;x<u;x+=p){let k=Math.min(p,u-x);r.dispatch(t.tall?Me:Ne,{x:f,w:{tensor:y,offset:x*c*16,size:Z},activated:e.activated,y:e.target},{params:{batch:a,height:n,width:o,x4:v,first4:w,in4:d,shift:q(g),out4:l,first_block:x,block_vec4s:c,accumulate:Number(e.accumulate),activation:e.activations[b]},constants:{MODE:e.modes[b]},invocations:a*Math.ceil(n/(t.tall?4:1))*Math.ceil(o/8),groups:k,flops:18*a*n*o*v*4*Math.min(k*8,(l-x*2)*4)})}w+=v})}function Vt(t,e,r,a,n){let{rec:o,options:i}=t,s=U(r),d="upsampled"in r?o.tensor([t.batch,t.height,t.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:c,accumulate:u}=d?{gradient:d,accumulate:!1}:o.gradientOf(s),{activated:m,constants:p}=d?{activated:e,constants:{ACTIVATION:0}}:N(s,e);n?qe(t,{sources:[e],modes:[He],activations:[p.ACTIVATION],activated:m,target:c,first4:a,accumulate:u}):o.dispatch(Be,{dy:e,w:t.weight,activated:m,dx:c},{params:{...ee(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:E(s),first4:a,kernel:i.kernel,stride:i.stride,accumulate:Number(u)},constants:p,invocations:t.batch*t.height*t.width*E(s),flops:ye(t,s.shape[3])}),d&&he(o,d,s,"nearest")}function We(t,e){return 3*Math.ceil(t/2)*Math.ceil(e/2)}function Jt(t,e,r,a){let{rec:n,options:o,in4:i,out4:s}=t,l=o.kernel**2,{slices:d,each:c}=fe(t.batch*t.out_height,Math.ceil(zt/(a?We(i,s):i*s*l))),u=n.tensor([d,l,i*4,s*4],`${o.name}.weight partials`,{layout:"flat"}),m=0;for(let w of t.sources){let g=U(w),b=E(g),f={out4:s,shift:q(w),in4:b,first4:m,total4:i,slices:d,rows:c},v=ye(t,g.shape[3]);a?n.dispatch(Fe,{x:g,dy:e,partials:u},{params:{...ee(t,["batch","height","width"]),...f},invocations:We(b,s)*d,flops:v}):n.dispatch(Ie,{x:g,dy:e,partials:u},{params:{...ee(t,["batch","height","width","out_height","out_width"]),...f,kernel:o.kernel,stride:o.stride},invocations:l*b*s*d,flops:v}),m+=b}me(n,u,r.range(n,`${o.name}.weight`,"gradients"),d);let p=t.batch*t.out_height*t.out_width,h=fe(p,Math.ceil(256/s)),y=n.tensor([h.slices,s*4],`${o.name}.bias partials`,{layout:"flat"});n.dispatch(De,{dy:e,partials:y},{params:{pixels:p,out4:s,slices:h.slices,slice_pixels:h.each},invocations:s*h.slices}),me(n,y,r.range(n,`${o.name}.bias`,"gradients"),h.slices)}var Yt={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Xt={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ve(t,e,r="pool"){let[a,n,o,i]=e.shape,s=P(i)/4,l=t.tensor([a,K(n,2),K(o,2),i],r),d=t.tensor([$(l)],`${r}.argmax`,{layout:"flat"}),c={batch:a,height:n,width:o,c4:s};return t.within(r,()=>{t.dispatch(Yt,{x:e,y:l,argmax:d},{params:c,invocations:$(l)}),t.gradient(l,u=>{let{gradient:m,accumulate:p}=t.gradientOf(e),{activated:h,constants:y}=N(e,u);t.dispatch(Xt,{dy:u,argmax:d,activated:h,dx:m},{params:{...c,accumulate:Number(p)},constants:y,invocations:$(e)})})}),l}var Je=64,te=class{specs;length;#e;#r=new Map;#t=new Map;#n=new WeakMap;constructor(e,r){this.#e=e,this.specs=r;let a=0;for(let n of r){let o=Ye(n);this.#r.set(n.name,{spec:n,offset:a,length:o}),a+=Math.ceil(o/Je)*Je}this.length=a}get adapter(){return this.#e.adapter}range(e,r,a="values"){let{offset:n,length:o}=this.#a(r);return{tensor:this.whole(e,a),offset:n*4,size:o*4}}whole(e,r){let a=this.#n.get(e);a||this.#n.set(e,a=new Map);let n=a.get(r);return n||(n=e.tensor([this.length],`parameters.${r}`,{layout:"flat",lifetime:"persistent",external:this.#o(r)}),a.set(r,n)),n}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:n,offset:o}of this.#r.values()){let i=e.get(n.name);if(!i||i.length!==O(n.shape))throw new _(`Cannot upload ${n.name}: it has ${O(n.shape)} values, got ${i?.length??"none"}`);a.set(Zt(i,n),o)}this.#e.write(this.#o(r),0,a)}async download(e="values"){let r=this.length*4,{device:a}=this.#e,n=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#o(e),0,n,0,r),a.queue.submit([o.finish()]),await n.mapAsync(GPUMapMode.READ),this.#e.check();let i=new Float32Array(n.getMappedRange(0,r).slice(0));return new Map([...this.#r.values()].map(({spec:s,offset:l,length:d})=>[s.name,er(i.subarray(l,l+d),s)]))}finally{this.#e.release(n)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let r=this.#r.get(e);if(!r)throw new _(`Cannot find the parameter ${e}`);return r}#o(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,r)}return r}};function Qt(t){return t.reduce((e,r)=>e+P(r),0)}function Ye({shape:t,sources:e}){if(t.length===1)return P(t[0]);let[r,a,n,o]=t;return r*a*Qt(e??[n])*P(o)}function Zt(t,e){let{shape:r,sources:a}=e,n=r[r.length-1],o=X(t,n);if(r.length===1)return o;let i=P(n),s=new Float32Array(Ye(e));return Xe(r,a,(l,d)=>s.set(o.subarray(l*i,(l+1)*i),d*i)),s}function er(t,e){let{shape:r,sources:a}=e,n=r[r.length-1];if(r.length===1)return H(t,n).slice(0,n);let o=P(n),i=new Float32Array(O(r.slice(0,-1))*o);return Xe(r,a,(s,l)=>i.set(t.subarray(l*o,(l+1)*o),s*o)),H(i,n).slice()}function Xe(t,e,r){let a=t[0]*t[1],n=0,o=0;for(let i=0;i<a;i++)for(let s of e??[t[2]]){for(let l=0;l<s;l++)r(n++,o+l);o+=P(s)}}var tr={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},rr={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Qe(t,e,r,a="shuffle"){let[n,o,i,s]=e.shape,l=s/r**2;if(!Number.isInteger(l))throw new _(`Cannot record pixel shuffle "${a}": ${A(e.shape)} has no multiple of ${r**2} channels`);let d=t.tensor([n,o*r,i*r,l],a),c={batch:n,height:o,width:i,channels:l,factor:r,x_c4:P(s)/4,y_c4:P(l)/4};return t.within(a,()=>{t.dispatch(tr,{x:e,y:d},{params:c,invocations:$(d)}),t.gradient(d,u=>{let{gradient:m,accumulate:p}=t.gradientOf(e),{activated:h,constants:y}=N(e,u);t.dispatch(rr,{dy:u,activated:h,dx:m},{params:{...c,accumulate:Number(p)},constants:y,invocations:$(e)})})}),d}function D(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:n,activation:o,down:i,up:s,residual:l,residualBlocks:d}=t,c=t.scale,u=[],m=[],p=(f,v,x,k,S,F=1,M=3)=>{u.push({op:"conv2d",name:f,inputs:v,output:f,kernel:M,stride:F,inChannels:x,outChannels:k,activation:S});let G=x.reduce((j,B)=>j+B,0);return m.push({name:`${f}.weight`,shape:[M,M,G,k]},{name:`${f}.bias`,shape:[k]}),f},h=(f,v,x)=>{let k=p(f,[v],[x],x,o);return d?(u.push({op:"add",inputs:[v,k],output:`${f}.sum`}),`${f}.sum`):k},y=r.length-1,w=[],g="image",b=e;for(let f=0;f<=y;f++){f>0&&(w.push(g),i==="stride"?(g=p(`down${f}`,[g],[b],r[f],o,2),b=r[f]):(u.push({op:"maxPool",input:g,output:`pool${f}`}),g=`pool${f}`)),g=p(`enc${f}.0`,[g],[b],r[f],o),b=r[f];for(let v=1;v<a[f];v++)g=h(`enc${f}.${v}`,g,b)}for(let f=y-1;f>=0;f--){u.push({op:"upsample",input:g,output:`up${f}`,mode:s}),g=p(`dec${f}.0`,[`up${f}`,w[f]],[b,r[f]],r[f],o),b=r[f];for(let v=1;v<n[f];v++)g=h(`dec${f}.${v}`,g,b)}if(g=p("out",[g],[b],e*c**2,"none"),c!==1&&(u.push({op:"pixelShuffle",input:g,output:"shuffled",factor:c}),g="shuffled"),l){let f="image";for(let v=2;v<=c;v*=2)u.push({op:"upsample",input:f,output:`image.x${v}`,mode:"bilinear"}),f=`image.x${v}`;u.push({op:"add",inputs:[f,g],output:"restored"}),g="restored"}return{nodes:u,parameters:m,output:g}}function we(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of D(t).nodes){let n=("inputs"in r?r.inputs:[r.input]).map(s=>e.get(s)),o=Math.max(...n.map(s=>s.radius)),i=n[0].scale;r.op==="conv2d"?e.set(r.output,{scale:i*r.stride,radius:o+(r.kernel-1)/2*i}):r.op==="maxPool"?e.set(r.output,{scale:i*2,radius:o+i}):r.op==="upsample"?e.set(r.output,{scale:i/2,radius:o+(r.mode==="nearest"?i/2:i)}):r.op==="pixelShuffle"?e.set(r.output,{scale:i/r.factor,radius:o}):e.set(r.output,{scale:i,radius:o})}return e.get(D(t).output).radius}var ar=[1,2,4];function Ze(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,n=(d,c,u,m)=>{if(!Number.isInteger(c)||c<u||c>m)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${u} to ${m}, got ${c}`)};n("base",e,1,512),n("depth",r,0,6),n("blocks",a,1,16);let o={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(d,c)=>e*2**c),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,residualBlocks:t.residualBlocks??!0,scale:t.scale??1};if(!ar.includes(o.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${o.scale}`);n("channels",o.channels,1,16);let{widths:i,encoderBlocks:s,decoderBlocks:l}=o;if(i.forEach(d=>n("a width",d,1,4096)),s.forEach(d=>n("a scale's encoder blocks",d,1,16)),l.forEach(d=>n("a scale's decoder blocks",d,1,16)),s.length!==i.length||l.length!==i.length-1)throw new RangeError(`Cannot make a U-Net: ${i.length} widths want ${i.length} encoder and ${i.length-1} decoder block counts, got ${s.length} and ${l.length}`);for(let[d,c,u]of[["activation",o.activation,["none","relu","leaky-relu"]],["down",o.down,["max-pool","stride"]],["up",o.up,["nearest","bilinear"]]])if(!u.includes(c))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${u.join(", ")}, got ${c}`);return o}function V(t){return 2**(t.widths.length-1)}function et(t,e){let r=D(e),a=new Map(r.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new te(t,r.parameters.map(n=>({...n,sources:a.get(n.name)})))}function tt(t,e,r,a,n={}){let o=V(r),[,i,s,l]=e.shape;if(i%o||s%o||l!==r.channels)throw new _(`Cannot record the U-Net: the image is ${i}×${s}×${l}, it takes multiples of ${o} and ${r.channels} channels`);let d=D(r),c=new Map([["image",e]]),u=new Set([e]),m=p=>{let h=c.get(p);if("upsampled"in h)throw new _(`Cannot record the U-Net: ${p} is read by more than a convolution`);return h};for(let p of d.nodes)if(p.op==="conv2d"){let h=p.inputs.map(y=>c.get(y));c.set(p.output,Le(t,h,a,p,{...n,withoutGradient:u}))}else p.op==="maxPool"?c.set(p.output,Ve(t,m(p.input),p.output)):p.op==="add"?c.set(p.output,Ee(t,m(p.inputs[0]),m(p.inputs[1]),p.output,u)):p.op==="pixelShuffle"?c.set(p.output,Qe(t,m(p.input),p.factor,p.output)):p.mode==="nearest"?c.set(p.output,{upsampled:m(p.input)}):c.set(p.output,Ke(t,m(p.input),p.mode,p.output,u));return m(d.output)}var nr=2,re=class{topology;#e;#r;#t=new Map;constructor(e,r){this.topology=r.topology,this.#e=e,this.#r=et(e,r.topology),this.#r.upload(r.parameters)}async predict(e,r){let a=await this.#n(r);return a.write("image",e),a.run(),await a.read("restored")}async#n(e){let r=e.join("×"),a=this.#t.get(r);if(a)return this.#t.delete(r),this.#t.set(r,a),a;let n=new Q({training:!1});n.output("restored",tt(n,n.input("image",e),this.topology,this.#r));let o=await Pe(this.#e,n);this.#t.set(r,o);for(let[i,s]of this.#t){if(this.#t.size<=nr)break;this.#t.delete(i),s[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var W=class extends Error{name="TileTooLargeError"};var ae=class{topology;device;preferredTile;#e;#r;#t;constructor(e,r,a,n={}){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:1024,this.#e=e,this.#r=n.owned??!1,this.#t=new re(e,{topology:r,parameters:a})}async run(e,r,a){try{return await this.#t.predict(e,[1,r,a,this.topology.channels])}catch(n){let o=await this.#e.loss();throw o?new I(o.message,{cause:n}):n instanceof R?new W(n.message,{cause:n}):n}}get times(){let{prepare:e,upload:r,compute:a,download:n}=this.#e.times;return{prepare:e,upload:r,network:a,download:n}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var T=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var ve={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
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
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
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
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
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
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

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
  var sum = bias[o];
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
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

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
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
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
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
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
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
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
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
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
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
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

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
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
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
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
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
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
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

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
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
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
// x: [N,H,W,f²·C] f32, y: [N,f·H,f·W,C] f32; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

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
  y[index] = vec4f(
    x[start],
    select(0.0, x[start + min(1, left - 1)], left > 1),
    select(0.0, x[start + min(2, left - 1)], left > 2),
    select(0.0, x[start + min(3, left - 1)], left > 3),
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
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

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
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
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
`};function or(t,e){let r=t.prelude??[];for(let o of r)if(e[o]===void 0)throw new _(`Cannot compile ${t.name}: the constant ${o} is not given`);let a=[...r.map(o=>`const ${o} = ${e[o]};
`),...(t.includes??[]).map(o=>ve[o]),ve[t.name]].join(""),n=Object.fromEntries(Object.entries(e).filter(([o])=>!r.includes(o)));return{code:a,overrides:n}}async function rt(t,e,r){let{code:a,overrides:n}=or(e,r),o={read:"read-only-storage",read_write:"storage",uniform:"uniform"};t.pushErrorScope("validation");let i=t.createShaderModule({label:e.name,code:a}),s=t.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((c,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:o[c]}}))}),l=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:i,entryPoint:"main",constants:n}}),d=await t.popErrorScope();if(d)throw new _(`Cannot compile ${e.name} ${JSON.stringify(r)}: ${d.message}`);return{kernel:e,pipeline:l,layout:s}}var sr=200,ir=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function lr(t){let e=/llvmpipe \(LLVM (\d+)/i.exec(t);return e?Number(e[1]):void 0}function cr(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function dr(){cr();let t=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:n}=t.info,o=e||r||`${a} ${n}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:o,vendor:a,architecture:n,software:ir.test(`${o} ${a} ${n}`),llvm:lr(o),features:[...t.features].sort()}}}async function at(){let t=await dr();if(!t)throw new T("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:r}=t,a=["timestamp-query","shader-f16"],{limits:n}=e,o=await e.requestDevice({requiredFeatures:a.filter(i=>e.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new be(o,r)}var be=class{device;adapter;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#n=new Map;#a;#o=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#o||(this.#a??=new I(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:n}=a;a.preventDefault(),this.#a??=n instanceof GPUOutOfMemoryError?new R(`The GPU is out of memory: ${n.message}`):new _(`The GPU refused a command: ${n.message}`)})}check(){if(this.#o)throw new _("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),r=setTimeout(()=>e.resolve(void 0),sr),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(r),a&&new I(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,r,a){this.check();let n=Math.max(16,Math.ceil(r/4)*4);if(n>this.device.limits.maxBufferSize||n>this.device.limits.maxStorageBufferBindingSize)throw new R(`Cannot make the buffer ${e}: ${n} bytes are more than the adapter binds at once`);let o=this.device.createBuffer({label:e,size:n,usage:a});return this.#e.add(o),this.#r+=n,this.#t=Math.max(this.#t,this.#r),o}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||r+a.byteLength>e.size)throw new _(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={}){let a=`${e.name} ${JSON.stringify(Object.entries(r).sort())}`,n=this.#n.get(a);return n||rt(this.device,e,r).then(o=>(this.#n.set(a,o),o))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#o){this.#o=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#n.clear(),this.device.destroy()}}};function ur(t){let e=Math.abs(t);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function nt(t,e){let r=t/e,a=Math.max(r,1),n=Math.ceil(4*a)+1,o=new Int32Array(e*n),i=new Float64Array(e*n);for(let s=0;s<e;s++){let l=(s+.5)*r-.5,d=Math.ceil(l-2*a),c=0;for(let u=0;u<n;u++){let m=ur((d+u-l)/a);o[s*n+u]=pr(d+u,t),i[s*n+u]=m,c+=m}for(let u=0;u<n;u++)i[s*n+u]/=c}return{positions:o,weights:i,count:n}}function pr(t,e){let r=2*e,a=(t%r+r)%r;return a<e?a:r-1-a}function ne(t,e,r,a,n,o=3){let i=nt(e,a),s=new Float32Array(r*a*o);for(let u=0;u<r;u++){let m=u*e;for(let p=0;p<a;p++){let h=(u*a+p)*o;for(let y=0;y<o;y++){let w=0;for(let g=p*i.count,b=g+i.count;g<b;g++)w+=i.weights[g]*t[(m+i.positions[g])*o+y];s[h+y]=w}}}let l=nt(r,n),d=new Float32Array(n*a*o),c=a*o;for(let u=0;u<n;u++)for(let m=u*l.count,p=m+l.count;m<p;m++){let h=l.positions[m]*c,y=l.weights[m];for(let w=0,g=u*c;w<c;w++)d[g+w]+=y*s[h+w]}return d}var mr=[256,40962],fr=[257,40963],hr=34665,gr=4;function ot(t,e,r){let a=t.slice();if(a.length<14)return a;let n=new DataView(a.buffer,a.byteOffset,a.length),o=n.getUint16(0)===18761,i=l=>{if(l<8||l+2>a.length)return;let d=l+2+12*n.getUint16(l,o);if(!(d>a.length))for(let c=l+2;c<d;c+=12){let u=n.getUint16(c,o),m=mr.includes(u)?e:fr.includes(u)?r:void 0;m!==void 0?(n.setUint16(c+2,gr,o),n.setUint32(c+4,1,o),n.setUint32(c+8,m,o)):u===hr&&l===s&&i(n.getUint32(c+8,o))}},s=n.getUint32(4,o);return i(s),a}function J(t){return t instanceof Uint16Array?65535:255}function st(t,e,r){let a=new TextDecoder("utf-8",{ignoreBOM:!0}).decode(t),o=[["tiff:ImageWidth|exif:PixelXDimension",e],["tiff:ImageLength|exif:PixelYDimension",r]].reduce((i,[s,l])=>i.replace(new RegExp(`((?:${s})\\s*=\\s*)(["'])\\s*\\d+\\s*\\2`,"g"),`$1$2${l}$2`).replace(new RegExp(`(<(?:${s})>)\\s*\\d+\\s*(</)`,"g"),`$1${l}$2`),a);return o===a?t:new TextEncoder().encode(o)}function it(t,e,r,a,n){let o=ne(t,e,r,e*a,r*a,n),i=J(t),s=t instanceof Uint16Array?new Uint16Array(o.length):new Uint8Array(o.length);for(let l=0;l<o.length;l++)s[l]=Math.round(Math.min(Math.max(o[l],0),i));return s}function xe(t,e,r){let[a,n]=[t.width*e,t.height*e];return{...t,width:a,height:n,rgb:r,...t.alpha&&{alpha:it(t.alpha,t.width,t.height,e,1)},...t.exif&&{exif:ot(t.exif,a,n)},...t.xmp&&{xmp:st(t.xmp,a,n)}}}function lt(t,e){return xe(t,e,it(t.rgb,t.width,t.height,e,3))}function yr(t,e,r,a){let n=new Float32Array(t.length);return dt(e,r,a,(o,i)=>{for(let s=0;s<3;s++)n[i+s]=t[o+s]}),n}async function ct(t,e,r,a){let{scale:n}=t.topology,o=new Float32Array(e.length*n**2);for(let i=0;i<8;i++){let[s,l]=i<4?[r,a]:[a,r],d=await t.run(yr(e,r,a,i),s,l);dt(r*n,a*n,i,(c,u)=>{for(let m=0;m<3;m++)o[c+m]+=d[u+m]/8})}return o}function dt(t,e,r,a){for(let n=0;n<t;n++){let o=r&2?t-1-n:n;for(let i=0;i<e;i++){let s=r&1?e-1-i:i;a(3*(n*e+i),3*(r&4?s*t+o:o*e+s))}}}var wr=16;function pt(t,e,r,a=512,n=wr){let o=V(r),i=L(we(r),o),s=ut(t,o,i,a,L(n,o)),l=ut(e,o,i,a,L(n,o)),d=l.windows.flatMap(c=>s.windows.map(u=>({x:u.start,y:c.start,keep:{x0:u.from,x1:u.to,y0:c.from,y1:c.to}})));return{width:t,height:e,tileWidth:s.extent,tileHeight:l.extent,tiles:d}}function mt(t){let e=V(t);return 2*L(we(t),e)+e}function ut(t,e,r,a,n){let o=L(t+2*n,e),i=Math.max(Math.floor(a/e)*e,2*r+e);if(o<=i)return{extent:o,windows:[{start:-n,from:0,to:t}]};let s=Math.ceil((o-2*r)/(i-2*r)),l=L((o-2*r)/s,e),d=l+2*r,c=[];for(let u=0,m=0;m<o;u+=l){let p=Math.min(u,o-d),h=p+d>=o?o:p+d-r,[y,w]=[Math.max(m-n,0),Math.min(h-n,t)];y<w&&c.push({start:p-n,from:y,to:w}),m=h}return{extent:d,windows:c}}function L(t,e){return Math.ceil(t/e)*e}function _e(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function ft(t,e,r){let{width:a,height:n,tileWidth:o,tileHeight:i}=e,s=J(t),l=Int32Array.from({length:o},(c,u)=>3*_e(r.x+u,a)),d=new Float32Array(i*o*3);for(let c=0,u=0;c<i;c++){let m=3*a*_e(r.y+c,n);for(let p=0;p<o;p++){let h=m+l[p];d[u++]=t[h]/s,d[u++]=t[h+1]/s,d[u++]=t[h+2]/s}}return d}function ht(t,e,r,a,n,o){let{rgb:i,grey:s,width:l}=e,{strength:d,scale:c,enlarged:u}=o,m=c===1?e.alpha:void 0,p=J(r),[h,y,w,g]=[n.keep.x0,n.keep.x1,n.keep.y0,n.keep.y1].map(x=>x*c),[b,f]=[n.x*c,n.y*c],v=(x,k)=>c===1?i[k]:u?z(u[x])*p:0;for(let x=w;x<g;x++){let k=3*((x-f)*a.tileWidth*c+h-b),S=3*(x*l*c+h);for(let F=h;F<y;F++,k+=3,S+=3){let M=t[k],G=t[k+1],j=t[k+2];if(!Number.isFinite(M+G+j))throw new RangeError(`the network's output at column ${F}, row ${x} is not a finite number`);if(m&&m[S/3]===0)for(let B=0;B<3;B++)r[S+B]=i[S+B];else if(s){let B=oe(v(k,S),(z(M)+z(G)+z(j))/3,p,d);for(let ce=0;ce<3;ce++)r[S+ce]=B}else r[S]=oe(v(k,S),z(M),p,d),r[S+1]=oe(v(k+1,S+1),z(G),p,d),r[S+2]=oe(v(k+2,S+2),z(j),p,d)}}}function z(t){return t<0?0:t>1?1:t}function oe(t,e,r,a){return Math.round(t+a*(e*r-t))}function gt(t,e,r,a){if(!e.includes(0)||e.every(s=>s===0))return t;let n=t.slice(),o=new Uint16Array(r*a);for(let s=0;s<e.length;s++)e[s]===0&&(o[s]=65535);let i=(s,l,d)=>{if(o[l]===65535)return;let c=Math.min(o[l]+d,65534);c>=o[s]||(o[s]=c,n[3*s]=n[3*l],n[3*s+1]=n[3*l+1],n[3*s+2]=n[3*l+2])};for(let s of[1,-1]){let[l,d]=s===1?[0,0]:[a-1,r-1];for(let c=l;c>=0&&c<a;c+=s){let u=c-s>=0&&c-s<a;for(let m=d;m>=0&&m<r;m+=s){let p=c*r+m;if(o[p]===0)continue;let h=m-s>=0&&m-s<r,y=m+s>=0&&m+s<r,w=p-s*r;h&&i(p,p-s,3),u&&(i(p,w,3),h&&i(p,w-s,4),y&&i(p,w+s,4))}}}return n}async function yt(t,e,r={}){let a="run"in e?[e]:e,n=t;for(let[o,i]of a.entries())n=await vr(n,i,{...r,onTile:o===a.length-1?r.onTile:void 0,onProgress:(s,l)=>r.onProgress?.(o*l+s,a.length*l)});return n}async function vr(t,e,r){let{strength:a=1,tile:n=e.preferredTile,signal:o}=r;if(!(a>=0&&a<=1))throw new T(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(n>=1))throw new T(`Cannot enhance: tile must be at least 1 pixel, got ${n}`,{exitCode:2});if(e.topology.channels!==3)throw new T(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);o?.throwIfAborted();let{scale:i}=e.topology;if(a===0)return i===1?t:lt(t,i);let s=t.alpha?gt(t.rgb,t.alpha,t.width,t.height):t.rgb,l=t.grey||!br(s)?t:{...t,grey:!0},d=t.rgb.length*i**2,c=t.rgb instanceof Uint16Array?new Uint16Array(d):new Uint8Array(d);for(let u=n;;u/=2){let m=pt(t.width,t.height,e.topology,u);try{return await xr(l,s,c,m,e,r),i===1?{...t,rgb:c}:xe(t,i,c)}catch(p){if(!(p instanceof W))throw p;if(u<=mt(e.topology))throw new T(`Cannot enhance: not enough memory on ${e.device} for a tile of ${m.tileWidth}×${m.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:p})}}}function br(t){for(let e=0;e<t.length;e+=3)if(t[e]!==t[e+1]||t[e]!==t[e+2])return!1;return!0}async function xr(t,e,r,a,n,o){let{strength:i=1,selfEnsemble:s=!1,onProgress:l,onTile:d,signal:c}=o,{tiles:u,tileHeight:m,tileWidth:p}=a,{scale:h}=n.topology,y=f=>{let v=ft(e,a,u[f]),x=h===1||i===1?void 0:ne(v,p,m,p*h,m*h);return{pixels:v,blend:{strength:i,scale:h,enlarged:x}}},w=(f,v,x)=>{try{ht(v,t,r,a,u[f],x)}catch(G){throw new T(`Cannot enhance on ${n.device}: ${G.message}; try --device cpu or another model`,{cause:G})}let{x0:k,x1:S,y0:F,y1:M}=u[f].keep;d?.({x0:k*h,x1:S*h,y0:F*h,y1:M*h},r),l?.(f+1,u.length)},g=y(0),b;for(let f=0;f<u.length;f++){c?.throwIfAborted();let{pixels:v,blend:x}=g,k=s?ct(n,v,m,p):n.run(v,m,p);try{b&&w(f-1,b.restored,b.blend),f+1<u.length&&(g=y(f+1))}catch(S){throw await k.catch(()=>{}),S}b={restored:await k,blend:x}}w(u.length-1,b.restored,b.blend)}var _r=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function se(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=_r[(r^t[a])&255]^r>>>8;return~r>>>0}var wt={F32:4,F16:2};var kr=1e8,ie="crc32",bt="00000000";function xt(t,e){let r=y=>{throw new T(`Cannot read ${Y(e)} as safetensors: ${y}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),n=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;n>kr&&r(`its header claims ${n} bytes; it is no safetensors file or is damaged`),n>t.length-8&&r(`its header claims ${n} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let o=Tr(t.subarray(8,8+n),r),{__metadata__:i={},...s}=o;(!ke(i)||Object.values(i).some(y=>typeof y!="string"))&&r("its metadata is not a list of strings; the file is damaged");let l=t.subarray(8+n),d=[],c=new Map,u=Object.entries(s).map(([y,w])=>{let g=Ar(y,w,l.length,r);return d.push(g),{tensor:y,...g}});d.sort((y,w)=>y.begin-w.begin||y.end-w.end);let m=0;for(let{begin:y,end:w}of d)y!==m&&r(`its tensors overlap or leave a gap at byte ${Math.min(y,m)}; the file is damaged`),m=w;m!==l.length&&r(`its tensors fill ${m} bytes, but ${l.length} follow the header; the file is damaged`),Sr(t,n,i,r);for(let{tensor:y,dtype:w,shape:g,begin:b,end:f}of u){let v=l.slice(b,f).buffer,x=w==="F32"?new Float32Array(v):Float32Array.from(new Float16Array(v));c.set(y,{dtype:w,shape:g,data:x})}let{[ie]:p,...h}=i;return{tensors:c,metadata:h}}function Tr(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return ke(r)?r:e("its header is no JSON object; the file is damaged")}function Ar(t,e,r,a){let n=c=>a(`tensor ${Y(t)} has ${c}; the file is damaged`);if(!ke(e))return n("no description");let{dtype:o,shape:i,data_offsets:s}=e;if(o!=="F32"&&o!=="F16")return a(`tensor ${Y(t)} is of type ${Y(String(o))}; only F32 and F16 can be read`);if(!Array.isArray(i)||!i.every(vt))return n("no valid shape");if(!Array.isArray(s)||s.length!==2||!s.every(vt))return n("no valid offsets");let[l,d]=s;return d<l?n(`offsets ${l} to ${d}`):d>r?a(`tensor ${Y(t)} ends at byte ${d} of the data, but the file holds ${r}; it is truncated or damaged`):d-l!==O(i)*wt[o]?n(`${d-l} bytes, but shape ${A(i)} of ${o} takes ${O(i)*wt[o]}`):{dtype:o,shape:i,begin:l,end:d}}function Sr(t,e,r,a){if(!Object.hasOwn(r,ie))return;let n=Pr(t,e);if(n!==void 0){let o=new TextEncoder().encode(bt),i=t.subarray(n+o.length),s=se(i,se(o,se(t.subarray(0,n))));if(Ur(s)===r[ie])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Pr(t,e){let r=new TextEncoder().encode(`"${ie}":"`),a=8+e-r.length-bt.length;for(let n=8;n<=a;n++)if(r.every((o,i)=>t[n+i]===o))return n+r.length}function Y(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Ur=t=>t.toString(16).padStart(8,"0"),vt=t=>Number.isSafeInteger(t)&&t>=0,ke=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var _t="clairnet-1",$r=["name","recipe","loss","data","created","version","license","note"],Or=["seed","steps"];function Te(t,e){return Er(xt(t,e),e)}function Er(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:n}=t;if(a.format!==_t||a.topology===void 0){let s=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new T(`${r}: its metadata has ${s}, where Clairnet's models have "${_t}"`)}let o=Nr(a.topology,r),i=new Map;for(let{name:s,shape:l}of D(o).parameters){let d=n.get(s);if(!d)throw new T(`${r}: tensor "${s}" (${A(l)}) is missing`);if(A(d.shape)!==A(l))throw new T(`${r}: tensor "${s}" has shape ${A(d.shape)}, but its topology wants ${A(l)}`);Rr(d.data,`${r}: tensor "${s}"`),i.set(s,d.data)}for(let s of n.keys())if(!i.has(s)&&!s.includes("/"))throw new T(`${r}: tensor ${JSON.stringify(s)} is not part of its topology`);return{topology:o,parameters:i,info:Mr(a,r)}}function Rr(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new T(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function Nr(t,e){try{let{channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:l,residual:d,residualBlocks:c,scale:u}=JSON.parse(t);for(let[m,p]of Object.entries({widths:a,encoderBlocks:n,decoderBlocks:o}))if(!Array.isArray(p))throw new RangeError(`${m} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[m,p]of Object.entries({residual:d,residualBlocks:c}))if(typeof p!="boolean")throw new RangeError(`${m} is neither true nor false`);for(let[m,p]of Object.entries({activation:i,down:s,up:l}))if(typeof p!="string")throw new RangeError(`${m} is no word`);return Ze({channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:l,residual:d,residualBlocks:c,scale:u??1})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new T(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function Mr(t,e){let r={};for(let a of $r)r[a]=t[a]??"";for(let a of Or){let n=Number(t[a]??0);if(!Number.isSafeInteger(n)||n<0)throw new T(`${e}: ${a} in its metadata is no whole number`);r[a]=n}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([n,o])=>[n,Number(o)]);r.metrics=Object.fromEntries(a)}catch(a){throw new T(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function kt({name:t,url:e,bytes:r}){if(r)return Te(r,t);let a=await fetch(e).catch(n=>{throw new T(`Cannot fetch the model ${t}: ${n.message}`,{cause:n})});if(!a.ok)throw new T(`Cannot fetch the model ${t}: the server answered ${a.status}`);return Te(new Uint8Array(await a.arrayBuffer()),t)}function Tt(t,e,r){let a=new Uint8Array(e*r*3),n=new Uint8Array(e*r),o=!0,i=!0;for(let s=0,l=0,d=0;s<n.length;s++,l+=4,d+=3){let[c,u,m,p]=[t[l],t[l+1],t[l+2],t[l+3]];a[d]=c,a[d+1]=u,a[d+2]=m,n[s]=p,o&&=p===255,i&&=c===u&&u===m}return{width:e,height:r,rgb:a,grey:i,format:"canvas",...o?{}:{alpha:n}}}function At(t,{width:e,alpha:r},{x0:a,x1:n,y0:o,y1:i},s){let l=new Uint8ClampedArray((n-a)*(i-o)*4);for(let d=o,c=0;d<i;d++)for(let u=a;u<n;u++,c+=4){let m=3*(d*e*s+u);l[c]=t[m],l[c+1]=t[m+1],l[c+2]=t[m+2],l[c+3]=r?r[Math.floor(d/s)*e+Math.floor(u/s)]:255}return l}function St(){return self}function Pt(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var le=class extends Error{};function Ut(t){let e=St(),r=new Map,a,n=Promise.resolve(),o=async s=>(a?.key!==s.key&&(a?.network[Symbol.dispose](),a=void 0,a={key:s.key,network:await t(await kt(s))}),a.network),i=async(s,l)=>{let{id:d,width:c,height:u,rgba:m}=s;try{l.throwIfAborted();let p=await o(s.model),{scale:h=1}=p.topology;e.postMessage({kind:"started",id:d,device:p.device,scale:h});let y=performance.now(),w=Tt(m,c,u),g;await yt(w,p,{signal:l,onTile:({x0:b,x1:f,y0:v,y1:x},k)=>{let S={x0:b*h,x1:f*h,y0:v*h,y1:x*h};g={area:S,rgba:At(k,w,S,h)}},onProgress:(b,f)=>{g&&e.postMessage({kind:"tile",id:d,...g,done:b,total:f},[g.rgba.buffer])}}),e.postMessage({kind:"done",id:d,seconds:(performance.now()-y)/1e3})}catch(p){p instanceof le?e.postMessage({kind:"cancelled",id:d}):(a?.network[Symbol.dispose](),a=void 0,e.postMessage({kind:"failed",id:d,message:Pt(p)}))}finally{r.delete(d)}};e.onmessage=({data:s})=>{if(s.kind==="cancel")r.get(s.id)?.abort(new le);else{let l=new AbortController;r.set(s.id,l),n=n.then(()=>i(s,l.signal))}}}Ut(async({topology:t,parameters:e})=>{let r=await at();return Cr(r,new ae(r,t,e))});function Cr(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(r,a,n)=>e.run(r,a,n),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
